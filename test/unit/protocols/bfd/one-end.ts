/** One end of a session in the state that a test begins with. */
import assert from "node:assert/strict";
import type { BfdPacket, BfdState } from "../../../../src/protocols/bfd/packet.ts";
import { BfdSession } from "../../../../src/protocols/bfd/session.ts";
import type { BfdSettings } from "../../../../src/protocols/bfd/settings.ts";
import { settings } from "./link.ts";
import { packet } from "./packets.ts";

/** What an end says that is not up. */
export const slow = { desiredMinTxUs: 1_000_000 } as const;

/** A new session; `random` is what chance always gives. */
export function session(own: BfdSettings = settings, random = 0): BfdSession {
  return new BfdSession({ settings: own, discriminator: 0xa, random: () => random });
}

/** A session that is up since 2 ms, has told its rate and has sent all that was due. */
export function upSession(own: BfdSettings = settings): BfdSession {
  const one = session(own);
  one.outbox(0);
  one.received(packet({ state: "down", yourDiscriminator: 0, ...slow }), 1);
  one.received(packet(), 2);
  one.received(packet({ final: true }), 2);
  one.takeNews();
  one.outbox(2);
  return one;
}

/** A session in a state. */
export function sessionIn(state: BfdState): BfdSession {
  if (state === "up") return upSession();
  const one = session();
  if (state === "init") one.received(packet({ state: "down", yourDiscriminator: 0, ...slow }), 0);
  if (state === "adminDown") one.stop(0);
  return one;
}

/** How far it is. */
export const stateOf = (one: BfdSession): BfdState => one.describe().state;

/** The one packet that there is. */
export const only = (packets: readonly BfdPacket[]): BfdPacket => {
  assert.equal(packets.length, 1);
  return packets[0] ?? assert.fail();
};
