import type { BfdState } from "./packet.ts";

/** Where a state goes when a packet shows the other end's: the state machine of RFC 5880, 6.2 and 6.8.6. */
const transitions: Readonly<Record<BfdState, Readonly<Record<BfdState, BfdState>>>> = {
  adminDown: { adminDown: "adminDown", down: "adminDown", init: "adminDown", up: "adminDown" },
  down: { adminDown: "down", down: "init", init: "up", up: "down" },
  init: { adminDown: "down", down: "init", init: "up", up: "up" },
  up: { adminDown: "down", down: "down", init: "up", up: "up" },
};

/** The state after a packet that shows the other end in `remote`. */
export function stateAfter(local: BfdState, remote: BfdState): BfdState {
  return transitions[local][remote];
}
