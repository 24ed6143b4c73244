import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Answer,
  changes,
  decodeSight,
  doubles,
  encodeSight,
  silences,
  soleMacs,
  tenures,
} from "../../lab/answers.ts";

const patienceMs = 100;
const vip = "192.0.2.1";

/** "a0 a10 b20": station a at 0 and 10 ms, b at 20 ms. */
function heard(text: string, address = vip): readonly Answer[] {
  return text
    .split(" ")
    .map((word) => ({ atMs: Number(word.slice(1)), address, mac: word.slice(0, 1), unasked: false }));
}

describe("who answered when", () => {
  it("a line of a watcher is read as it was written", () => {
    const [answer] = heard("a12.5");
    assert.deepEqual(answer && decodeSight(encodeSight(answer)), answer);
  });

  it("a station that was silent for longer than the patience begins anew", () => {
    const times = tenures(heard("a0 a90 a190 a300"), patienceMs).map(({ fromMs, toMs }) => [fromMs, toMs]);
    assert.deepEqual(times, [
      [0, 190],
      [300, 300],
    ]);
  });

  const cases: readonly { readonly name: string; readonly answers: string; readonly want: readonly number[] }[] = [
    { name: "one after the other is no double", answers: "a0 a20 b40 b60", want: [] },
    { name: "one that goes on after the other began is one", answers: "a0 b20 a40 b60", want: [20] },
    { name: "a single frame in the midst of another's answers is one", answers: "a0 a20 b30 a40", want: [0] },
    { name: "one that comes back after a long silence is none", answers: "a0 b20 b80 b160 b240 a250", want: [] },
    { name: "three give each pair", answers: "a0 b10 c20 a30 b40 c50", want: [20, 10, 20] },
  ];
  for (const { name, answers, want } of cases)
    it(name, () => {
      assert.deepEqual(
        doubles(heard(answers), patienceMs).map(({ forMs }) => forMs),
        want,
      );
    });

  it("answers for different addresses are no double", () => {
    assert.deepEqual(doubles([...heard("a0 a20"), ...heard("b10 b30", "192.0.2.2")], patienceMs), []);
  });

  it("a silence counts from the last answer before the period, and to its end", () => {
    const period = { addresses: [vip, "192.0.2.2"], fromMs: 50, toMs: 200 };
    assert.deepEqual(
      silences(heard("a10 a40 a150 a300"), period).map(({ forMs }) => forMs),
      [110, 150],
    );
  });

  it("a pause of the watcher is no silence", () => {
    const period = { addresses: [vip], fromMs: 0, toMs: 200, pauses: [{ fromMs: 20, toMs: 120 }] };
    assert.deepEqual(
      silences(heard("a0 a10 a150 a200"), period).map(({ forMs }) => forMs),
      [50],
    );
  });

  it("a station alone is that which answered for the address in the whole period", () => {
    const period = { addresses: [vip], fromMs: 0, toMs: 100 };
    assert.deepEqual(soleMacs(heard("a0 a50 a90"), period, 60), new Map([[vip, "a"]]));
    assert.equal(soleMacs(heard("a0 b50 b90"), period, 60), undefined, "two answered");
    assert.equal(soleMacs(heard("a0 a20"), period, 60), undefined, "nobody answered at the end");
    assert.equal(soleMacs([], period, 60), undefined, "nobody answered at all");
  });

  it("changes are counted from frame to frame", () => {
    assert.equal(changes(heard("a0 a10 b20 a30 a40")), 2);
  });
});
