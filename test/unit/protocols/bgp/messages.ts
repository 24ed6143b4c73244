/** Captured messages, messages written as hexadecimal digits, and any that can be sent. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { maskedPrefix } from "../../../../src/net/prefix.ts";
import { framed, type MessageKind } from "../../../../src/protocols/bgp/header.ts";
import type {
  Capabilities,
  Negotiated,
  Notification,
  Open,
  PathAttributes,
  Route,
  RouteChanges,
  RouteRefresh,
} from "../../../../src/protocols/bgp/message.ts";
import { address, prefix } from "../../../support/builders.ts";

/** The bytes that hexadecimal digits mean; white space, and comments from `#` to the end of the line, are ignored. */
export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replace(/#.*$/gm, "").replace(/\s/g, ""), "hex"));
}

/** The opposite. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** A whole message of which the body is given in hexadecimal digits. */
export function messageOf(kind: MessageKind, hex: string): Uint8Array {
  return framed(kind, bytesOf(hex));
}

/** A whole ROUTE-REFRESH (RFC 2918; 7313, section 3.2). */
export function routeRefresh({ afi, safi, subtype }: Omit<RouteRefresh, "kind">): Uint8Array {
  return framed("route-refresh", Uint8Array.of(afi >> 8, afi & 255, subtype, safi));
}

const lines = readFileSync(join(import.meta.dirname, "../../../fixtures/bgp/messages.hex"), "utf8").split("\n");

/** The captured message of this name. */
export function captured(name: string): Uint8Array {
  const hex = lines[lines.findIndex((line) => line.startsWith(`# ${name}:`)) + 1];
  if (hex === undefined || hex.startsWith("#")) throw new Error(`test data: no message ${name}`);
  return bytesOf(hex);
}

/** All of them. */
export const allCaptured: readonly Uint8Array[] = lines.filter((line) => /^[0-9a-f]+$/.test(line)).map(bytesOf);

/** Capabilities of none but what is given. */
export function capabilities(parts: Partial<Capabilities> = {}): Capabilities {
  const none = { routeRefresh: false, fourOctetAs: false, extendedMessage: false, extendedNextHop: false };
  return { families: [], ...none, other: [], ...parts };
}

/** An OPEN of AS 64512 with four-octet AS numbers. */
export function open(parts: Partial<Omit<Open, "capabilities">> = {}, can: Partial<Capabilities> = {}): Open {
  return {
    kind: "open",
    asn: 64512,
    holdTimeSeconds: 90,
    routerId: address("10.9.0.1"),
    ...parts,
    capabilities: capabilities({ fourOctetAs: true, ...can }),
  };
}

/** A session of two systems with four-octet AS numbers and both families. */
export function negotiation(parts: Partial<Negotiated> = {}): Negotiated {
  const can = { routeRefresh: true, fourOctetAs: true, extendedMessage: false, extendedNextHop: false };
  return { internal: false, families: [4, 6], ...can, ...parts };
}

/** Attributes of an own route by next hop 10.9.0.1. */
export function attributes(parts: Partial<PathAttributes> = {}): PathAttributes {
  const path = { origin: "igp" as const, asPath: [64512], nextHop: { address: address("10.9.0.1") } };
  return { ...path, communities: [], largeCommunities: [], ...parts };
}

const uint8 = fc.nat(0xff);
const uint16 = fc.nat(0xffff);
const uint32 = fc.nat(0xffffffff);
const plain = { noNullPrototype: true } as const;
const families = fc.subarray<4 | 6>([4, 6]);
const someBytes = (maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ maxLength }).map((bytes) => new Uint8Array(bytes));

const gracefulRestart = fc.record(
  {
    restarting: fc.boolean(),
    notification: fc.boolean(),
    restartTimeSeconds: fc.nat(4095),
    families: families.chain((list) =>
      fc.tuple(...list.map((family) => fc.boolean().map((forwardingKept) => ({ family, forwardingKept })))),
    ),
  },
  plain,
);

const anyCapabilities: fc.Arbitrary<Capabilities> = fc
  .record(
    {
      families,
      routeRefresh: fc.boolean(),
      fourOctetAs: fc.boolean(),
      extendedMessage: fc.boolean(),
      extendedNextHop: fc.boolean(),
      gracefulRestart: fc.option(gracefulRestart, { nil: undefined }),
      other: fc.array(fc.record({ code: fc.integer({ min: 66, max: 255 }), value: someBytes(20) }, plain), {
        maxLength: 6,
      }),
    },
    plain,
  )
  .map(({ gracefulRestart: restart, ...parts }) => ({ ...parts, ...(restart && { gracefulRestart: restart }) }));

/** Any OPEN. */
export const anyOpen: fc.Arbitrary<Open> = fc
  .record({ capabilities: anyCapabilities, asn: uint32, holdTimeSeconds: uint16, id: uint32 }, plain)
  .map(({ capabilities: can, asn, holdTimeSeconds, id }) => ({
    kind: "open",
    asn: (can.fourOctetAs ? asn : asn % 0x10000) || 1,
    holdTimeSeconds: holdTimeSeconds < 3 ? 0 : holdTimeSeconds,
    routerId: { family: 4, value: BigInt(id || 1) },
    capabilities: can,
  }));

/** Any NOTIFICATION. */
export const anyNotification: fc.Arbitrary<Notification> = fc.record(
  { kind: fc.constant("notification" as const), code: uint8, subcode: uint8, data: someBytes(300) },
  plain,
);

/** Any ROUTE-REFRESH. */
export const anyRouteRefresh: fc.Arbitrary<RouteRefresh> = fc.record(
  { kind: fc.constant("route-refresh" as const), afi: uint16, safi: uint8, subtype: uint8 },
  plain,
);

const anyAddress = (family: 4 | 6): fc.Arbitrary<Route["prefix"]["address"]> =>
  fc.bigInt({ min: 0n, max: 2n ** (family === 4 ? 32n : 128n) - 1n }).map((value) => ({ family, value }));

/** Any prefix of a family. */
export const anyPrefix = (family: 4 | 6): fc.Arbitrary<Route["prefix"]> =>
  fc
    .record({ address: anyAddress(family), length: fc.nat(family === 4 ? 32 : 128) }, plain)
    .map((prefix) => maskedPrefix(prefix));

/** Any attributes with a next hop of this family, numbers of communities ascending. */
export const anyAttributes = (nextHop: 4 | 6): fc.Arbitrary<PathAttributes> =>
  fc
    .record(
      {
        origin: fc.constantFrom("igp", "egp", "incomplete"),
        asPath: fc.array(fc.integer({ min: 1, max: 0xffffffff }), { maxLength: 300 }),
        address: anyAddress(nextHop),
        linkLocal: fc.option(anyAddress(6), { nil: undefined }),
        med: fc.option(uint32, { nil: undefined }),
        localPref: fc.option(uint32, { nil: undefined }),
        communities: fc.uniqueArray(uint32, { maxLength: 100 }).map((list) => list.sort((a, b) => a - b)),
        largeCommunities: fc.uniqueArray(fc.tuple(uint32, uint32, uint32), {
          maxLength: 40,
          selector: (c) => c.join(),
        }),
      },
      plain,
    )
    .map(({ address: global, linkLocal, med, localPref, largeCommunities, ...parts }) => ({
      ...parts,
      origin: parts.origin as PathAttributes["origin"],
      nextHop: { address: global, ...(nextHop === 6 && linkLocal && { linkLocal }) },
      ...(med !== undefined && { med }),
      ...(localPref !== undefined && { localPref }),
      largeCommunities: largeCommunities.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]),
    }));

/** Routes to these prefixes with these attributes, and nothing withdrawn. */
export function announced(parts: Partial<PathAttributes>, ...texts: readonly string[]): RouteChanges {
  return {
    announced: texts.map((text) => ({ prefix: prefix(text), attributes: attributes(parts) })),
    withdrawn: [],
  };
}
