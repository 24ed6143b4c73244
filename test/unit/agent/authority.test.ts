import assert from "node:assert/strict";
import { it } from "node:test";
import { type Authority, type AuthorityInput, nextAuthority } from "../../../src/agent/authority.ts";

const leaseDurationMs = 5_000;

type Case = {
  name: string;
  before: Authority;
  now: Omit<AuthorityInput, "leaseDurationMs">;
  want: Authority;
  reopen?: boolean;
};

const cases: readonly Case[] = [
  {
    name: "nothing is known before the first renewal",
    before: { kind: "starting" },
    now: { nowMs: 100, renewedMs: undefined, heardMs: 100 },
    want: { kind: "starting" },
  },
  {
    name: "the first renewal gives authority",
    before: { kind: "starting" },
    now: { nowMs: 100, renewedMs: 90, heardMs: undefined },
    want: { kind: "fresh" },
  },
  {
    name: "authority lasts for one Lease duration",
    before: { kind: "fresh" },
    now: { nowMs: 4_999, renewedMs: 0, heardMs: 0 },
    want: { kind: "fresh" },
  },
  {
    name: "a watch that is down does not end authority",
    before: { kind: "fresh" },
    now: { nowMs: 4_999, renewedMs: 0, heardMs: undefined },
    want: { kind: "fresh" },
  },
  {
    name: "authority ends one Lease duration after the start of the last renewal",
    before: { kind: "fresh" },
    now: { nowMs: 5_000, renewedMs: 0, heardMs: 4_999 },
    want: { kind: "stale" },
  },
  {
    name: "without a renewal it stays stale",
    before: { kind: "stale" },
    now: { nowMs: 9_000, renewedMs: 0, heardMs: 9_000 },
    want: { kind: "stale" },
  },
  {
    name: "the first renewal after an outage opens the watch anew",
    before: { kind: "stale" },
    now: { nowMs: 9_000, renewedMs: 8_900, heardMs: 8_950 },
    want: { kind: "stale", backMs: 8_900 },
    reopen: true,
  },
  {
    name: "a watch that was last heard before that renewal proves nothing",
    before: { kind: "stale", backMs: 8_900 },
    now: { nowMs: 9_000, renewedMs: 8_900, heardMs: 8_899 },
    want: { kind: "stale", backMs: 8_900 },
  },
  {
    name: "a watch that is not open proves nothing",
    before: { kind: "stale", backMs: 8_900, confirmedMs: 8_950 },
    now: { nowMs: 9_500, renewedMs: 8_900, heardMs: undefined },
    want: { kind: "stale", backMs: 8_900 },
  },
  {
    name: "a new watch gets time to tell what was missed",
    before: { kind: "stale", backMs: 8_900 },
    now: { nowMs: 9_000, renewedMs: 8_900, heardMs: 8_901 },
    want: { kind: "stale", backMs: 8_900, confirmedMs: 9_000 },
  },
  {
    name: "250 ms of an open watch are not over yet",
    before: { kind: "stale", backMs: 8_900, confirmedMs: 9_000 },
    now: { nowMs: 9_249, renewedMs: 8_900, heardMs: 8_901 },
    want: { kind: "stale", backMs: 8_900, confirmedMs: 9_000 },
  },
  {
    name: "after 250 ms of an open watch authority is back",
    before: { kind: "stale", backMs: 8_900, confirmedMs: 9_000 },
    now: { nowMs: 9_250, renewedMs: 8_900, heardMs: 8_901 },
    want: { kind: "fresh" },
  },
  {
    name: "a Lease that lapses again begins the wait anew",
    before: { kind: "stale", backMs: 8_900, confirmedMs: 9_000 },
    now: { nowMs: 13_900, renewedMs: 8_900, heardMs: 13_000 },
    want: { kind: "stale" },
  },
];

for (const { name, before, now, want, reopen = false } of cases)
  it(name, () => {
    const step = nextAuthority(before, { ...now, leaseDurationMs });
    assert.deepEqual([step.authority, step.reopen], [want, reopen]);
  });

it("gives the very same value while nothing changes, so that nobody acts on it", () => {
  for (const { before, now, want } of cases) {
    const { authority } = nextAuthority(before, { ...now, leaseDurationMs });
    if (JSON.stringify(before) === JSON.stringify(want)) assert.equal(authority, before);
  }
});

it("while fresh, looks again when the Lease would lapse", () => {
  const input = { nowMs: 1_000, renewedMs: 900, heardMs: 0, leaseDurationMs };
  assert.equal(nextAuthority({ kind: "fresh" }, input).lookInMs, 4_900);
});
