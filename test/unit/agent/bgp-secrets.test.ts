import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SecretBook, secretLookMs } from "../../../src/agent/bgp-secrets.ts";
import { peer } from "../../support/bgp-builders.ts";

const minuteMs = 60_000;

/** When each of so many Secrets is read in ten minutes, all of them for the first time at 0. */
function reads(secrets: number, random: () => number): ReadonlyMap<string, readonly number[]> {
  const book = new SecretBook(random);
  book.setPeers(Array.from({ length: secrets }, (_, i) => peer({ name: `tor${i}`, password: { secret: `key${i}` } })));
  const times = new Map<string, number[]>();
  for (let nowMs = 0; nowMs < 10 * minuteMs; nowMs += 100)
    for (const secret of book.due(nowMs)) {
      book.note(secret, { kind: "password", password: "hunter2" }, nowMs);
      times.set(secret, [...(times.get(secret) ?? []), nowMs]);
    }
  return times;
}

function longestGapMs(times: ReadonlyMap<string, readonly number[]>): number {
  return Math.max(...[...times.values()].flatMap((list) => list.slice(1).map((each, i) => each - (list[i] ?? 0))));
}

/** From the second minute on. */
function perSecond(times: ReadonlyMap<string, readonly number[]>): number {
  const settled = [...times.values()].flat().filter((each) => each >= minuteMs);
  return settled.length / (9 * 60);
}

describe("Secrets are read again", () => {
  let seed = 0;
  const random = () => {
    seed = (seed + 0.37) % 1;
    return seed;
  };

  it("every 30 s, up to six of them, so that another password is found within that time", () => {
    const times = reads(6, random);
    assert.equal(longestGapMs(times), secretLookMs);
    assert.ok(perSecond(times) <= 0.2, `${perSecond(times)} a second`);
  });

  it("less often where there are more, so that an agent asks no more often", () => {
    const times = reads(12, random);
    assert.equal(longestGapMs(times), 2 * secretLookMs);
    assert.ok(perSecond(times) <= 0.2, `${perSecond(times)} a second`);
  });

  it("by each agent at times of its own, though all begin together", () => {
    assert.deepEqual(
      reads(1, () => 0.5)
        .get("key0")
        ?.slice(0, 4),
      [0, 15_000, 45_000, 75_000],
    );
    assert.deepEqual(
      reads(1, () => 0)
        .get("key0")
        ?.slice(0, 4),
      [0, 30_000, 60_000, 90_000],
    );
  });
});
