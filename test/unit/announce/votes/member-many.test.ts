/** Many addresses at once are no slower than one. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { Network } from "./network.ts";

/**
 * How long nobody answers for the last of so many addresses when their holder dies, of three of whom one only votes; `loses`:
 * the second of the first packets of a batch of the heir's is lost.
 */
function lostWith(count: number, loses = false): number {
  const addresses = Array.from({ length: count }, (_, i) => ({ family: 4, value: BigInt(i + 1) }) as const);
  const network = new Network({ names: ["a", "b", "c"] });
  const wishes = addresses.map((each) => ({
    address: each,
    node: "a",
    generation: 1,
    willing: true,
    candidates: ["a", "b"],
  }));
  network.wish(wishes);
  network.node("c").member.setWishes(
    wishes.map((wish) => ({ ...wish, willing: false })),
    network.nowMs,
  );
  network.run(5_000);
  network.kill("a");
  const fromMs = network.nowMs;
  let untilMs = fromMs;
  const sentAtMs: number[] = [];
  network.passes = (from, to) => {
    if (!loses || from !== "b" || to !== "c") return true;
    sentAtMs.push(network.nowMs);
    return !(sentAtMs.filter((ms) => ms === network.nowMs).length === 2 && network.nowMs - fromMs < 450);
  };
  network.run(1_000, () => {
    if (addresses.some((each) => network.answering(each).every((name) => name === "a"))) untilMs = network.nowMs;
  });
  return untilMs - fromMs;
}

it("a holder of many addresses is missed no longer than that of one", () => {
  const one = lostWith(1);
  for (const count of [50, 90, 500])
    assert.ok(lostWith(count) <= one + 20, `${count}: ${lostWith(count)} ms, one: ${one} ms`);
  assert.ok(lostWith(480, true) <= one + 20, `with a packet lost: ${lostWith(480, true)} ms, one: ${one} ms`);
});
