import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { formatAddress } from "../../../src/net/address.ts";
import { createFrameQueue, type FrameForm, type FrameQueue, type Priority } from "../../../src/speaker/frame-queue.ts";
import { framesFor } from "../../../src/speaker/frames.ts";
import { address } from "../../support/builders.ts";

function offer(queue: FrameQueue, text: string, form: FrameForm, priority: Priority): void {
  queue.offer({ address: address(text), form, purpose: "announcement" }, priority);
}

/** Takes all frames at the moments that the queue asks for, as [ms, "form address"]. */
function drain(queue: FrameQueue, fromMs = 0): readonly (readonly [number, string])[] {
  const taken: [number, string][] = [];
  for (let nowMs = fromMs; nowMs !== Number.POSITIVE_INFINITY; nowMs = queue.wakeAtMs())
    for (const frame of queue.take(nowMs)) taken.push([nowMs, `${frame.form} ${formatAddress(frame.address)}`]);
  return taken;
}

it("the first frame of every address leaves before the second of any, and repeats come last", () => {
  const queue = createFrameQueue();
  offer(queue, "192.0.2.1", "gratuitousRequest", 2);
  for (const text of ["192.0.2.2", "192.0.2.3"])
    for (const { frame, priority } of framesFor(address(text), "takeOver")) queue.offer(frame, priority);
  assert.deepEqual(
    drain(queue).map(([, frame]) => frame),
    [
      "gratuitousRequest 192.0.2.2",
      "gratuitousRequest 192.0.2.3",
      "gratuitousReply 192.0.2.2",
      "gratuitousReply 192.0.2.3",
      "gratuitousRequest 192.0.2.1",
    ],
  );
});

it("a frame that waits already is not sent twice, and keeps the earlier place", () => {
  const queue = createFrameQueue();
  offer(queue, "192.0.2.1", "gratuitousRequest", 2);
  offer(queue, "192.0.2.2", "gratuitousRequest", 1);
  offer(queue, "192.0.2.1", "gratuitousRequest", 0);
  offer(queue, "192.0.2.1", "gratuitousRequest", 2);
  assert.deepEqual(
    drain(queue).map(([, frame]) => frame),
    ["gratuitousRequest 192.0.2.1", "gratuitousRequest 192.0.2.2"],
  );
});

it("nothing of a discarded address leaves", () => {
  const queue = createFrameQueue();
  for (const { frame, priority } of framesFor(address("192.0.2.1"), "takeOver")) queue.offer(frame, priority);
  offer(queue, "192.0.2.1", "probe", 0);
  queue.discard(address("192.0.2.1"));
  assert.deepEqual(drain(queue), []);
  assert.equal(queue.wakeAtMs(), Number.POSITIVE_INFINITY);
});

it("50 addresses are announced within 30 ms, and 5,000 within 2.5 s", () => {
  for (const [count, withinMs] of [
    [50, 30],
    [5_000, 2_500],
  ] as const) {
    const queue = createFrameQueue();
    for (let i = 0; i < count; i++)
      for (const { frame, priority } of framesFor({ family: 4, value: BigInt(i) }, "takeOver"))
        queue.offer(frame, priority);
    const firsts = drain(queue).slice(0, count);
    assert.ok(firsts.every(([, frame]) => frame.startsWith("gratuitousRequest")));
    assert.ok((firsts.at(-1)?.[0] ?? 0) <= withinMs);
  }
});

type Step = { readonly frames: number; readonly waitMs: number };

/** When each frame leaves, if at each step so many are added and for so long the queue is asked each 5 ms. */
function sendTimes(steps: readonly Step[]): readonly number[] {
  const queue = createFrameQueue();
  const sent: number[] = [];
  let [nowMs, next] = [0, 0n];
  for (const { frames, waitMs } of steps) {
    for (let i = 0; i < frames; i++)
      queue.offer({ address: { family: 4, value: next++ }, form: "probe", purpose: "probe" }, 0);
    for (const untilMs = nowMs + waitMs; nowMs <= untilMs; nowMs += 5) sent.push(...queue.take(nowMs).map(() => nowMs));
  }
  return sent;
}

it("in no second more than 2,000 frames and one burst leave", () => {
  const steps = fc.array(fc.record({ frames: fc.nat(900), waitMs: fc.nat(400) }), { maxLength: 20 });
  fc.assert(
    fc.property(steps, (list) => {
      const sent = sendTimes(list);
      for (const [i, ms] of sent.entries()) assert.ok((sent[i + 2_064] ?? Number.POSITIVE_INFINITY) - ms >= 1_000);
    }),
    { numRuns: 50 },
  );
});
