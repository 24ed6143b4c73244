import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newAuthority, newSigningKey } from "./certificates.ts";

/** A user of the token file. */
export type User = { readonly name: string; readonly groups: readonly string[] };

/** Files, all PEM but the token file (`token,user,uid,"groups"`), and the tokens by user name. */
export type Pki = {
  readonly caFile: string;
  readonly server: CertificateFiles;
  readonly webhook: CertificateFiles;
  readonly signingKeyFile: string;
  readonly verificationKeyFile: string;
  readonly tokenFile: string;
  readonly tokens: ReadonlyMap<string, string>;
};
export type CertificateFiles = { readonly certificate: string; readonly key: string };

const loopbackHosts = ["localhost", "127.0.0.1", "::1"];
const serverHosts = [
  ...loopbackHosts,
  "kubernetes",
  "kubernetes.default",
  "kubernetes.default.svc",
  "10.96.0.1",
  "fd00:96::1",
  "172.30.0.1",
  "fd30::1",
];

/** Makes keys, certificates and tokens anew and writes them into a folder that only its owner can read. */
export function writePki(folder: string, users: readonly User[]): Pki {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const authority = newAuthority("herald-lab");
  const certified = (name: string, hosts: readonly string[]): CertificateFiles => {
    const { certificate, key } = authority.issue(name, hosts);
    return { certificate: write(`${name}.crt`, certificate), key: write(`${name}.key`, key) };
  };
  const signing = newSigningKey();
  const tokens = new Map(users.map(({ name }) => [name, randomBytes(16).toString("hex")]));
  const lines = users.map(({ name, groups }) => `${tokens.get(name)},${name},${name},"${groups.join(",")}"\n`);
  return {
    caFile: write("ca.crt", authority.certificate),
    server: certified("kube-apiserver", serverHosts),
    webhook: certified("webhook", loopbackHosts),
    signingKeyFile: write("tokens.key", signing.privateKey),
    verificationKeyFile: write("tokens.pub", signing.publicKey),
    tokenFile: write("tokens.csv", lines.join("")),
    tokens,
  };
}
