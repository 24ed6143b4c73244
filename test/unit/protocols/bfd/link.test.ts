/** Two ends over a virtual link. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { BfdSettings } from "../../../../src/protocols/bfd/settings.ts";
import { type End, Link, otherEnd, type Sent, settings } from "./link.ts";

const fast: BfdSettings = { ...settings, transmitMs: 50, receiveMs: 50 };

const someSettings: fc.Arbitrary<BfdSettings> = fc.record(
  {
    transmitMs: fc.integer({ min: 30, max: 300 }),
    receiveMs: fc.integer({ min: 30, max: 300 }),
    multiplier: fc.integer({ min: 3, max: 6 }),
    controlPlaneIndependent: fc.boolean(),
  },
  { noNullPrototype: true },
);

/** How long b waits for a. */
const detectionMs = (a: BfdSettings, b: BfdSettings): number => a.multiplier * Math.max(a.transmitMs, b.receiveMs);

describe("coming up", () => {
  it("Given two ends on a sound link, Then both are up in a round or two, and poll for their faster rate", () => {
    const link = new Link();
    link.runUntilUp(100);
    link.run(2_000);
    assert.deepEqual(link.told.map(({ end, news }) => `${end} ${news.kind}`).sort(), ["a up", "b up"]);
    assert.ok(link.sent.some(({ packet }) => packet.poll));
    for (const end of [link.ends.a, link.ends.b]) {
      const { polling, transmitMs, detectionMs: detection, remote } = end.describe();
      assert.deepEqual([polling, transmitMs, detection, remote.transmitUs], [false, 100, 300, 100_000]);
    }
  });

  it("Given any settings, delay below a tenth of the interval and loss of a fifth, Then both come up", () => {
    fc.assert(
      fc.property(someSettings, someSettings, fc.nat(3), fc.nat(), (a, b, delayMs, seed) => {
        const link = new Link({ a, b, delayMs, seed, loses: (_, random) => random(5) === 0 });
        link.runUntilUp(120_000);
      }),
      { numRuns: 100 },
    );
  });
});

describe("what is agreed on", () => {
  it("Given a link without loss, Then every gap of a session that is up is 75 to 100 % of what both agreed on, and nobody goes down", () => {
    fc.assert(
      fc.property(someSettings, someSettings, fc.nat(), (a, b, seed) => {
        const link = new Link({ a, b, seed });
        link.runUntilUp();
        link.run(3_000);
        const fromMs = link.nowMs;
        link.run(10_000);
        assert.deepEqual([link.downs("a"), link.downs("b")], [[], []]);
        const agreedMs = Math.max(a.transmitMs, b.receiveMs);
        for (const gapMs of gaps(link.since(fromMs, "a")))
          assert.ok(gapMs >= 0.75 * agreedMs - 1e-6 && gapMs <= agreedMs + 1e-6, `${gapMs} of ${agreedMs}`);
      }),
      { numRuns: 50 },
    );
  });

  it("Given new settings while it is up, even ten times slower, Then nobody goes down and both keep to them", () => {
    fc.assert(
      fc.property(someSettings, someSettings, fc.nat(), (a, b, seed) => {
        const link = new Link({ seed });
        link.runUntilUp();
        link.ends.a.configure(a);
        link.run(fc.sample(fc.nat(500), { seed, numRuns: 1 })[0] ?? 0);
        link.ends.b.configure(b);
        link.run(5_000);
        assert.deepEqual([link.downs("a"), link.downs("b")], [[], []]);
        assert.equal(link.ends.b.describe().detectionMs, detectionMs(a, b));
        assert.equal(link.ends.a.describe().transmitMs, Math.max(a.transmitMs, b.receiveMs));
      }),
      { numRuns: 50 },
    );
  });
});

const gaps = (sent: readonly Sent[]): readonly number[] =>
  sent.slice(1).map(({ atMs }, i) => atMs - (sent[i]?.atMs ?? 0));

describe("going down", () => {
  it("Given a link that is cut, Then each end says so after at least multiplier - 1 intervals and at most multiplier, and comes back", () => {
    fc.assert(
      fc.property(someSettings, someSettings, fc.nat(), (a, b, seed) => {
        const link = new Link({ a, b, seed });
        link.runUntilUp();
        link.run(3_000 + (seed % 500));
        const cutMs = link.nowMs;
        link.cut = true;
        link.run(3_000);
        const [down] = link.downs("b");
        const limitMs = detectionMs(a, b);
        const tookMs = (down?.atMs ?? Number.NaN) - cutMs;
        assert.ok(tookMs <= limitMs + 1 + 1e-6, `${tookMs} of ${limitMs}`);
        assert.ok(tookMs >= limitMs - Math.max(a.transmitMs, b.receiveMs) - 1e-6, `${tookMs} of ${limitMs}`);
        assert.deepEqual(link.states(), ["down", "down"]);
        link.cut = false;
        link.runUntilUp();
      }),
      { numRuns: 50 },
    );
  });

  it("Given one end that hears nothing, Then the other hears of it at once, before its own detection time", () => {
    let deaf = false;
    const link = new Link({ a: settings, b: fast, loses: (from) => deaf && from === "b" });
    link.runUntilUp();
    link.run(2_000);
    deaf = true;
    link.run(1_000);
    const [[a], [b]] = [link.downs("a"), link.downs("b")];
    assert.ok(a && b && b.atMs - a.atMs <= 1);
    assert.ok(b.news.kind === "down");
    assert.equal(b.news.message, "the peer says that it is down: control detection time expired");
  });

  it("Given an end that is stopped, Then the other is told that it was no failure", () => {
    const link = new Link();
    link.runUntilUp();
    link.ends.a.stop(link.nowMs);
    link.run(1_000);
    assert.deepEqual(link.states(), ["adminDown", "down"]);
    assert.deepEqual(link.downs("a"), []);
    assert.deepEqual(
      link.downs("b").map(({ news }) => news.kind === "down" && news.cause),
      ["administrative"],
    );
  });
});

it("Given a link that loses the first word of it, When an end is stopped, Then the other still hears in time that it was no failure", () => {
  let left = 0;
  const link = new Link({ loses: (from) => from === "a" && left-- > 0 });
  link.runUntilUp();
  link.run(2_000);
  left = 1;
  link.run(link.ends.a.stop(link.nowMs) - link.nowMs);
  assert.deepEqual(
    link.downs("b").map(({ news }) => news.kind === "down" && news.cause),
    ["administrative"],
  );
});

/** The longest run of packets of an end that were lost in a row, in the time before a moment. */
function lostInRow(
  sent: readonly Sent[],
  from: End,
  { afterMs, untilMs }: { afterMs: number; untilMs: number },
): number {
  let [run, longest] = [0, 0];
  for (const each of sent) {
    if (each.from !== from || each.atMs <= afterMs || each.atMs > untilMs) continue;
    run = each.lost ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

/** Whether an end was down already, and so sent a packet a second only. */
function wasDown(link: Link, end: End, atMs: number): boolean {
  return link.downs(end).some((down) => down.atMs <= atMs && down.atMs > atMs - 1_500);
}

/** How often an end was called silent in so many seconds; each time by as many lost packets in a row as the multiplier. */
function falseDowns(link: Link, seconds: number): number {
  const { length } = link.told;
  link.run(1_000 * seconds);
  const silences = link.told
    .slice(length)
    .filter(({ news }) => news.kind === "down" && news.message.includes("silent"));
  const first = silences.filter(({ end, atMs }) => !wasDown(link, otherEnd[end], atMs));
  for (const { end, atMs } of first)
    assert.ok(lostInRow(link.sent, otherEnd[end], { afterMs: atMs - 400, untilMs: atMs }) >= settings.multiplier);
  link.sent.splice(0, link.sent.length - 200);
  return first.length;
}

describe("loss", () => {
  const rows: readonly (readonly [number, number])[] = [
    [1, 4],
    [20, 1],
  ];
  for (const [percent, hours] of rows)
    it(`Given ${percent} % loss for ${hours} h at 100 ms × 3, Then nobody goes down unless 3 packets in a row were lost`, () => {
      const link = new Link({ seed: percent, delayMs: 0, loses: (_, random) => random(100) < percent });
      link.runUntilUp();
      let downs = 0;
      for (let left = hours * 360; left > 0; left--) downs += falseDowns(link, 10);
      // Of about 41,000 packets an hour and end, so many begin a run of losses.
      const expected = 2 * 41_000 * hours * (percent / 100) ** 3;
      assert.ok(downs <= 2 * expected + 3, `${downs} times down, ${expected} expected`);
      assert.ok(percent < 10 || downs > 0, "the link loses too little to prove anything");
    });
});
