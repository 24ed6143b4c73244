import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import {
  bitString,
  boolean,
  context,
  element,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  utcTime,
  utf8String,
} from "./der.ts";

/** A certificate (RFC 5280) and its private key (EC P-256, PKCS #8), both PEM. */
export type KeyedCertificate = { readonly certificate: string; readonly key: string };

/** A certificate authority that lives as long as this value: it signs server certificates. */
export type Authority = {
  readonly certificate: string;
  /** A server certificate for these DNS names and IP addresses, valid from yesterday for a year. */
  issue(name: string, hosts: readonly string[]): KeyedCertificate;
};

const oid = {
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  commonName: "2.5.4.3",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
} as const;
const dayMs = 24 * 3600 * 1000;
const algorithm = sequence(objectIdentifier(oid.ecdsaWithSha256));

type Subject = { readonly name: string; readonly publicKey: KeyObject; readonly extensions: readonly Buffer[] };
type Issuer = { readonly name: string; readonly privateKey: KeyObject };

/** Makes a new authority with a key of its own. */
export function newAuthority(name: string): Authority {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = { name, privateKey };
  return {
    certificate: signedCertificate({ name, publicKey, extensions: authorityExtensions() }, issuer),
    issue: (subject, hosts) => {
      const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const extensions = serverExtensions(hosts);
      return {
        certificate: signedCertificate({ name: subject, publicKey: pair.publicKey, extensions }, issuer),
        key: pair.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
      };
    },
  };
}

/** A key pair that signs ServiceAccount tokens, PEM. */
export function newSigningKey(): { readonly privateKey: string; readonly publicKey: string } {
  return generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
}

function signedCertificate(subject: Subject, issuer: Issuer): string {
  const toBeSigned = sequence(
    context(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    distinguishedName(issuer.name),
    sequence(utcTime(new Date(Date.now() - dayMs)), utcTime(new Date(Date.now() + 365 * dayMs))),
    distinguishedName(subject.name),
    subject.publicKey.export({ type: "spki", format: "der" }),
    context(3, sequence(...subject.extensions)),
  );
  const signature = sign("sha256", toBeSigned, issuer.privateKey);
  return pem(sequence(toBeSigned, algorithm, bitString(signature)));
}

function distinguishedName(name: string): Buffer {
  return sequence(set(sequence(objectIdentifier(oid.commonName), utf8String(name))));
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(objectIdentifier(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

function authorityExtensions(): readonly Buffer[] {
  const signsCertificates = bitString(Buffer.from([0x04]), 2);
  return [
    extension(oid.basicConstraints, sequence(boolean(true)), true),
    extension(oid.keyUsage, signsCertificates, true),
  ];
}

function serverExtensions(hosts: readonly string[]): readonly Buffer[] {
  const signsHandshakes = bitString(Buffer.from([0x80]), 7);
  return [
    extension(oid.keyUsage, signsHandshakes, true),
    extension(oid.extendedKeyUsage, sequence(objectIdentifier(oid.serverAuth))),
    extension(oid.subjectAltName, sequence(...hosts.map(alternativeName))),
  ];
}

function alternativeName(host: string): Buffer {
  return isIP(host) === 0
    ? element(0x82, Buffer.from(host))
    : element(0x87, Buffer.from(ipaddr.parse(host).toByteArray()));
}

function pem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
