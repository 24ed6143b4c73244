import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type BfdPacket, bfdStates, decodeBfd, encodeBfd } from "../../src/protocols/bfd/packet.ts";
import { MalformedPacketError } from "../../src/protocols/malformed-packet.ts";
import { sessionIn } from "../unit/protocols/bfd/one-end.ts";
import { packet } from "../unit/protocols/bfd/packets.ts";
import type { Target } from "./target.ts";

const captured = readFileSync(join(import.meta.dirname, "../fixtures/bfd/packets.hex"), "utf8")
  .split("\n")
  .filter((line) => /^[0-9a-f]+$/.test(line))
  .map((line) => Uint8Array.from(Buffer.from(line, "hex")));

const made = bfdStates.flatMap((state) =>
  [false, true].map((bit) => encodeBfd(packet({ state, poll: bit, final: !bit, demand: bit }))),
);

/** Whatever packet is admitted: in every state the session goes on, and knows when to send. */
function takeIn(admitted: BfdPacket): void {
  for (const state of bfdStates) {
    const session = sessionIn(state);
    session.received(admitted, 3);
    for (let nowMs = 3, left = 3; left > 0 && nowMs < Number.POSITIVE_INFINITY; left--) {
      session.tick(nowMs);
      for (const sent of session.outbox(nowMs)) decodeBfd(encodeBfd(sent));
      nowMs = Math.max(nowMs, session.wakeAtMs());
    }
    if (Number.isNaN(session.wakeAtMs())) throw new Error(`${state}: not a time`);
  }
}

const isMalformed = (error: unknown): boolean => error instanceof MalformedPacketError;

/** The packet, and a session in each of its states that takes it in. */
export const bfdTargets: readonly Target[] = [
  { name: "BFD packet", samples: [...captured, ...made], decode: decodeBfd, mayThrow: isMalformed },
  {
    name: "BFD session",
    samples: made,
    decode: (bytes) => takeIn(decodeBfd(bytes)),
    mayThrow: isMalformed,
  },
];
