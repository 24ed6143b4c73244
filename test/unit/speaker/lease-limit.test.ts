import assert from "node:assert/strict";
import { it } from "node:test";
import { LeaseLimit } from "../../../src/speaker/lease-limit.ts";
import { address } from "../../support/builders.ts";

const given = [address("192.0.2.7")];

it("does not concern a group that does not go by the Lease", () => {
  const lease = new LeaseLimit(30_000);
  assert.deepEqual([lease.untilMs(), lease.lapsed(1e9), lease.turn(given, 1e9)], [Number.POSITIVE_INFINITY, false, []]);
});

it("ends what is held four fifths of the duration after the begin of the last renewal, once, and begins it again with the next", () => {
  const lease = new LeaseLimit(30_000);
  lease.limited = true;
  lease.renewed(1_000);
  assert.deepEqual([lease.turn(given, 24_999), lease.wakeAtMs()], [[], 25_000]);
  assert.deepEqual(lease.turn(given, 25_000), [{ address: given[0], lapsed: true }]);
  assert.deepEqual([lease.turn(given, 26_000), lease.wakeAtMs()], [[], Number.POSITIVE_INFINITY]);
  lease.renewed(26_000);
  assert.deepEqual(lease.turn(given, 26_000), [{ address: given[0], lapsed: false }]);
});

it("holds nothing before the first renewal, and an older one takes nothing back", () => {
  const lease = new LeaseLimit(30_000);
  lease.limited = true;
  assert.equal(lease.lapsed(0), true);
  lease.renewed(10_000);
  lease.renewed(5_000);
  assert.equal(lease.untilMs(), 34_000);
});

it("lets go before the Lease is over, however short it is", () => {
  const lease = new LeaseLimit(10_000);
  lease.limited = true;
  lease.renewed(0);
  assert.equal(lease.untilMs(), 8_000);
});
