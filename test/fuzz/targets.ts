/** Every decoder of bytes or text that others make, with valid samples to begin from. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeFrame } from "../../src/linux/ethernet.ts";
import { decodeMessages, encodeMessage, encodePayload, uint32 } from "../../src/linux/netlink-codec.ts";
import {
  decodeInterfaceAddress,
  decodeLink,
  decodeNextHops,
  encodeHostAddress,
  messageType,
} from "../../src/linux/rtnetlink.ts";
import { addressBytes } from "../../src/net/address.ts";
import { decodeArp } from "../../src/protocols/arp/packet.ts";
import { parseEndpoint } from "../../src/protocols/heartbeat/endpoint.ts";
import { directionKey, generateKeyPair } from "../../src/protocols/heartbeat/keys.ts";
import { decodeHeartbeat, encodeHeartbeat, type Heartbeat } from "../../src/protocols/heartbeat/packet.ts";
import { seal, unseal } from "../../src/protocols/heartbeat/seal.ts";
import { MalformedPacketError } from "../../src/protocols/malformed-packet.ts";
import { icmpChecksum } from "../../src/protocols/ndp/checksum.ts";
import { decodeNdp } from "../../src/protocols/ndp/message.ts";
import { decodeRouterAdvertisement, encodeRouterAdvertisement } from "../../src/protocols/ndp/router-messages.ts";
import { address } from "../support/builders.ts";
import { bfdTargets } from "./bfd-targets.ts";
import { bgpTargets } from "./bgp-targets.ts";
import type { Target } from "./target.ts";

const isMalformed = (error: unknown): boolean => error instanceof MalformedPacketError;
const never = (): boolean => false;

/** The payloads of the captured frames of a protocol. */
function captured(protocol: string): readonly Uint8Array[] {
  const lines = readFileSync(join(import.meta.dirname, "../fixtures", protocol, "frames.hex"), "utf8").split("\n");
  return lines.flatMap((line) => {
    const frame = /^[0-9a-f]+$/.test(line) ? decodeFrame(Uint8Array.from(Buffer.from(line, "hex"))) : undefined;
    return frame === undefined ? [] : [frame.payload.slice()];
  });
}

const atRest: Heartbeat = {
  boot: 0x0102030405060708n,
  seq: 9,
  ack: { boot: 0x1112131415161718n, seq: 10 },
  epoch: 3,
  quorum: true,
  leaving: false,
  answerMe: true,
  witness: false,
  forced: false,
  intervalMs: 100,
  table: { version: 700, from: 7, upTo: 600, known: 5, entries: [] },
};

const withEntries: Heartbeat = {
  ...atRest,
  table: {
    ...atRest.table,
    entries: ["192.168.50.200", "192.168.50.201", "fd50::200", "fd50::201"].map((text, i) => ({
      address: address(text),
      vote: { boot: 1n + BigInt(i >> 1), claim: 100 * i, priority: i },
      ...(i % 2 === 0
        ? { claim: { state: "holds" as const, term: 4, generation: 300, gives: i === 2 } }
        : { wants: i }),
    })),
  },
};

const withList: Heartbeat = {
  ...atRest,
  list: { uid: "a-1", epoch: 4, members: ["node-a", "node-b"], witness: true, forced: false },
};

const advertisement = encodeRouterAdvertisement(address("fe80::1"), Uint8Array.of(2, 0, 0, 0, 0, 11));

const keys = generateKeyPair();
const key = directionKey(keys, generateKeyPair().publicKey, { group: "lan0-1", from: "node-a", to: "node-b" });

const annotation = JSON.stringify({
  addresses: ["192.168.50.11", "fd50::11"],
  port: 7474,
  key: keys.publicKey,
  macs: ["02:00:00:00:00:0b"],
});

function netlinkSamples(): readonly Uint8Array[] {
  const name = [3, Uint8Array.from(Buffer.from("eth0\0"))] as const;
  const link = encodePayload(Uint8Array.of(0, 0, 1, 0, 7, 0, 0, 0, ...uint32(0x11043), 0, 0, 0, 0), [
    name,
    [1, Uint8Array.of(2, 0, 0, 0, 0, 11)],
  ]);
  const entry = { index: 7, address: address("fd50::200"), mark: 72 };
  const hostAddress = encodeHostAddress(entry, { validSeconds: 3, preferredSeconds: 0 });
  const gateway = addressBytes(address("192.168.50.1"));
  const header = Uint8Array.of(2, 0, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0);
  const hops = encodePayload(Uint8Array.of(16, 0, 0, 0, 7, 0, 0, 0), [[5, gateway]]);
  const routes = [
    encodePayload(header, [
      [4, uint32(7)],
      [5, gateway],
    ]),
    encodePayload(header, [[9, Uint8Array.of(...hops, ...hops)]]),
  ];
  const message = (type: number, payload: Uint8Array): Uint8Array =>
    encodeMessage({ type, flags: 2, sequence: 1, payload });
  const route = routes.map((payload) => message(messageType.newRoute, payload));
  return [message(messageType.newLink, link), message(messageType.newAddress, hostAddress), ...route];
}

function decodeNetlink(bytes: Uint8Array): void {
  for (const { payload } of decodeMessages(bytes)) {
    decodeLink(payload);
    decodeInterfaceAddress(payload);
    decodeNextHops(payload);
  }
}

/** So that changes come further than the checksum. */
function withChecksum(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 44) return bytes;
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  view.setUint16(42, 0);
  view.setUint16(42, icmpChecksum(copy.subarray(8, 40), copy.subarray(40, 40 + view.getUint16(4))));
  return copy;
}

/** All of them. */
export const targets: readonly Target[] = [
  { name: "arp", samples: captured("arp"), decode: decodeArp, mayThrow: isMalformed },
  { name: "ndp", samples: captured("ndp"), decode: decodeNdp, mayThrow: isMalformed },
  {
    name: "ndp with the right checksum",
    samples: captured("ndp"),
    decode: (bytes) => decodeNdp(withChecksum(bytes)),
    mayThrow: isMalformed,
  },
  { name: "router advertisement", samples: [advertisement], decode: decodeRouterAdvertisement, mayThrow: isMalformed },
  {
    name: "router advertisement with the right checksum",
    samples: [advertisement],
    decode: (bytes) => decodeRouterAdvertisement(withChecksum(bytes)),
    mayThrow: isMalformed,
  },
  { name: "netlink", samples: netlinkSamples(), decode: decodeNetlink, mayThrow: never },
  {
    name: "heartbeat",
    samples: [atRest, withEntries, withList].map(encodeHeartbeat),
    decode: decodeHeartbeat,
    mayThrow: isMalformed,
  },
  {
    name: "sealed heartbeat",
    samples: [seal(encodeHeartbeat(atRest), key)],
    decode: (bytes) => unseal(bytes, key),
    mayThrow: never,
  },
  ...bgpTargets,
  ...bfdTargets,
  {
    name: "Lease annotation",
    samples: [Uint8Array.from(Buffer.from(annotation))],
    decode: (bytes) => parseEndpoint(Buffer.from(bytes).toString("utf8")),
    mayThrow: never,
  },
];
