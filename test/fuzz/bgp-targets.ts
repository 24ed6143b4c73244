import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BgpMessageError } from "../../src/protocols/bgp/bgp-message-error.ts";
import { decodeMessage } from "../../src/protocols/bgp/decode-message.ts";
import { HEADER_LENGTH } from "../../src/protocols/bgp/header.ts";
import type { Negotiated } from "../../src/protocols/bgp/message.ts";
import { MessageSplitter } from "../../src/protocols/bgp/message-splitter.ts";
import { notificationText } from "../../src/protocols/bgp/shutdown-communication.ts";
import { keepalive, notification, peerOpen, Rig, settings } from "../unit/protocols/bgp/session-rig.ts";
import type { Target } from "./target.ts";

const messages = readFileSync(join(import.meta.dirname, "../fixtures/bgp/messages.hex"), "utf8")
  .split("\n")
  .filter((line) => /^[0-9a-f]+$/.test(line))
  .map((line) => Uint8Array.from(Buffer.from(line, "hex")));

const can = { routeRefresh: true, extendedMessage: true, extendedNextHop: true } as const;
const sessions: readonly Negotiated[] = [
  { internal: true, families: [4, 6], fourOctetAs: true, ...can },
  { internal: false, families: [4, 6], fourOctetAs: false, ...can },
];

/** With the marker, the type and the right length, so that changes come further than the header. */
function decodeBody(type: number, bytes: Uint8Array): void {
  const message = new Uint8Array(Math.max(HEADER_LENGTH, bytes.length)).fill(0xff, 0, HEADER_LENGTH);
  message.set(bytes.subarray(HEADER_LENGTH), HEADER_LENGTH);
  message[HEADER_LENGTH - 3] = message.length >> 8;
  message[HEADER_LENGTH - 2] = message.length & 0xff;
  message[HEADER_LENGTH - 1] = type;
  for (const negotiated of sessions) {
    const decoded = decodeMessage(message, negotiated);
    if (decoded.kind === "notification") notificationText(decoded);
  }
}

function decodeStream(bytes: Uint8Array): void {
  const splitter = new MessageSplitter();
  splitter.push(bytes);
  for (let next = splitter.next(); next !== undefined; next = splitter.next()) decodeMessage(next);
}

/** Whatever comes is an event of the session, and what it asks of its transport makes sense; the rig looks at that. */
function takeIn(rig: Rig, bytes: Uint8Array): void {
  const middle = bytes.length >> 1;
  rig.receive(bytes.subarray(0, middle), 1);
  if (rig.link(1).state === "up") rig.receive(bytes.subarray(middle), 1);
  rig.advance(1_500);
  // What it tries after that.
  if (rig.link(rig.last).state === "asked") rig.connected().receive(notification(2, 4)).advance(4_000);
  if (rig.link(rig.last).state === "asked") rig.connected();
}

/** A node of a large AS number, that can restart gracefully. */
const far = settings({ localAsn: 4_200_000_000, gracefulRestart: { restartTimeSeconds: 120 } });

const isBgpError = (error: unknown): boolean => error instanceof BgpMessageError;
const never = (): boolean => false;

/** One for each kind of message, one for a stream, and two for whole sessions. */
export const bgpTargets: readonly Target[] = [
  ...Object.entries({ OPEN: 1, UPDATE: 2, NOTIFICATION: 3, KEEPALIVE: 4, "ROUTE-REFRESH": 5 }).map(([name, type]) => ({
    name: `BGP ${name}`,
    samples: messages.filter((bytes) => bytes[HEADER_LENGTH - 1] === type),
    decode: (bytes: Uint8Array) => decodeBody(type, bytes),
    mayThrow: isBgpError,
  })),
  { name: "BGP stream", samples: [Buffer.concat(messages)], decode: decodeStream, mayThrow: isBgpError },
  {
    name: "BGP session, from the OPEN on",
    samples: [
      Buffer.concat([peerOpen(), keepalive, ...messages.filter((bytes) => bytes[HEADER_LENGTH - 1] === 2)]),
      ...[2, 4, 6].map((subcode) => notification(2, subcode)),
    ],
    decode: (bytes) => takeIn(new Rig({ settings: far }).start().connected(), bytes),
    mayThrow: never,
  },
  {
    name: "BGP session, Established",
    samples: messages.filter((bytes) => bytes[HEADER_LENGTH - 1] !== 1),
    decode: (bytes) => takeIn(new Rig().establish(), bytes),
    mayThrow: never,
  },
];
