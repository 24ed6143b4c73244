import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type EventName, events, type State, states } from "../../../../src/protocols/bgp/state.ts";
import { step } from "../../../../src/protocols/bgp/state-table.ts";

/** Every state and every event of RFC 4271, 8.1 and RFC 9687: `next: actions`; an event stands for those of its line. */
const expected: Readonly<Record<State, readonly (readonly [readonly number[], string])[]>> = {
  Idle: [
    [[1, 3], "Connect: forget connectRetryTimer connect"],
    [[4, 5], "Active: forget connectRetryTimer"],
    [[6], "Connect: connectRetryTimer connect"],
    [[7], "Active: connectRetryTimer"],
    [[13], "Idle: restart"],
    [[2, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29], "Idle:"],
  ],
  Connect: [
    [[1, 3, 4, 5, 6, 7, 14, 15], "Connect:"],
    [[2], "Idle: stopTimers close forget"],
    [[9], "Connect: close connectRetryTimer connect"],
    [[16, 17], "OpenSent: stopTimers open openTimer"],
    [[18], "Active: close connectRetryTimer"],
    [[23], "Idle: stopTimers close"],
    [[8, 10, 11, 12, 13, 19, 20, 21, 22, 24, 25, 26, 27, 28, 29], "Idle: stopTimers close damp"],
  ],
  Active: [
    [[1, 3, 4, 5, 6, 7, 14, 15], "Active:"],
    [[2], "Idle: stopTimers close forget"],
    [[9], "Connect: close connectRetryTimer connect"],
    [[16, 17], "OpenSent: stopTimers open openTimer"],
    [[23], "Idle: stopTimers close"],
    [[8, 10, 11, 12, 13, 18, 19, 20, 21, 22, 24, 25, 26, 27, 28, 29], "Idle: stopTimers close damp"],
  ],
  OpenSent: [
    [[1, 3, 4, 5, 6, 7, 14, 15, 16, 17], "OpenSent:"],
    [[2], "Idle: cease stopTimers close forget"],
    [[8], "Idle: cease stopTimers close damp"],
    [[10, 21, 22], "Idle: error stopTimers close damp"],
    [[18], "Active: stopTimers close connectRetryTimer"],
    [[19], "OpenConfirm: keepalive keepaliveTimer holdTimer"],
    [[23], "Idle: cease stopTimers close"],
    [[24, 25, 29], "Idle: stopTimers close damp"],
    [[9, 11, 12, 13, 20, 26, 27, 28], "Idle: stateError stopTimers close damp"],
  ],
  OpenConfirm: [
    [[1, 3, 4, 5, 6, 7, 14, 15, 16, 17], "OpenConfirm:"],
    [[2], "Idle: cease stopTimers close forget"],
    [[8], "Idle: cease stopTimers close damp"],
    [[10, 21, 22], "Idle: error stopTimers close damp"],
    [[11], "OpenConfirm: keepalive keepaliveTimer"],
    [[23], "Idle: cease stopTimers close"],
    [[18, 24, 25, 29], "Idle: stopTimers close damp"],
    [[26], "Established: holdTimer establish"],
    [[9, 12, 13, 19, 20, 27, 28], "Idle: stateError stopTimers close damp"],
  ],
  Established: [
    [[1, 3, 4, 5, 6, 7, 14, 15, 16, 17], "Established:"],
    [[2], "Idle: cease stopTimers close forget"],
    [[8], "Idle: cease stopTimers close damp"],
    [[10, 21, 22, 28], "Idle: error stopTimers close damp"],
    [[11], "Established: keepalive keepaliveTimer"],
    [[23], "Idle: cease stopTimers close"],
    [[18, 24, 25, 29], "Idle: stopTimers close damp"],
    [[26, 27], "Established: holdTimer"],
    [[9, 12, 13, 19, 20], "Idle: stateError stopTimers close damp"],
  ],
};

const names = Object.keys(events) as EventName[];

describe("The state machine of RFC 4271, 8.2.2", () => {
  for (const state of states)
    for (const [numbers, want] of expected[state])
      for (const number of numbers) {
        const event = names.find((name) => events[name] === number);
        it(`in ${state}, event ${number} (${event}) leads to ${want}`, () => {
          assert.ok(event !== undefined);
          const { next, actions } = step(state, event);
          assert.equal(`${next}: ${actions.join(" ")}`.trimEnd(), want);
        });
      }

  it("has one row here for each of the 6 states and 29 events", () => {
    for (const state of states) {
      const rows = expected[state].flatMap(([numbers]) => numbers).sort((a, b) => a - b);
      assert.deepEqual(
        rows,
        Array.from({ length: 29 }, (_, place) => place + 1),
      );
    }
    assert.equal(names.length, 29);
  });

  const connected = ["Connect", "Active", "OpenSent", "OpenConfirm", "Established"] as const;
  for (const state of connected)
    it(`never leaves a connection open that ${state} had when no state after it has one`, () => {
      for (const event of names) {
        const { next, actions } = step(state, event);
        const ends = next === "Idle" || (next === "Active" && state !== "Active");
        assert.equal(
          actions.includes("close"),
          ends || (next === "Connect" && event === "connectRetryTimerExpires"),
          event,
        );
      }
    });
});
