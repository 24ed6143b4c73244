import assert from "node:assert/strict";
import { it } from "node:test";
import type { Controller } from "../../../src/controller/controller.ts";
import { type Election, Terms } from "../../../src/controller/terms.ts";

type Told = Parameters<Election>[0];

/** Controllers that note when they begin and end, and an election that the test decides. */
function campaign() {
  const story: string[] = [];
  let number = 0;
  const open = (): Controller => {
    const name = `term ${++number}`;
    const run = async (signal: AbortSignal): Promise<void> => {
      story.push(`${name} begins`);
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      story.push(`${name} ends`);
    };
    return { run, wake: () => {}, load: () => ({ waiting: 0, running: 0, failing: 0 }) } as unknown as Controller;
  };
  const told = Promise.withResolvers<Told>();
  const election: Election = async (those, signal) => {
    told.resolve(those);
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    story.push("resigned");
  };
  return { story, open, election, told: told.promise, stop: new AbortController() };
}

it("works for as long as it leads, with a new controller each term, and resigns after the work has ended", async () => {
  const { story, open, election, told, stop } = campaign();
  const terms = new Terms();
  const ended = terms.run({ open }, election, stop.signal);
  const { onAcquired, onLost } = await told;
  assert.equal(terms.current, undefined);
  onAcquired();
  onLost();
  assert.equal(terms.current, undefined);
  await new Promise(setImmediate);
  onAcquired();
  stop.abort();
  await ended;
  assert.deepEqual(story, ["term 1 begins", "term 1 ends", "term 2 begins", "term 2 ends", "resigned"]);
});

it("a term begins after the last one has ended and after its preparation", async () => {
  const { story, open, election, told, stop } = campaign();
  const prepare = async (): Promise<void> => {
    story.push("prepares");
    await new Promise(setImmediate);
  };
  const ended = new Terms().run({ open, prepare }, election, stop.signal);
  const { onAcquired, onLost } = await told;
  onAcquired();
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  onLost();
  onAcquired();
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  stop.abort();
  await ended;
  const terms = ["prepares", "term 1 begins", "term 1 ends", "prepares", "term 2 begins", "term 2 ends", "resigned"];
  assert.deepEqual(story, terms);
});

it("without an election works at once, until it is stopped", async () => {
  const { story, open, stop } = campaign();
  const ended = new Terms().run({ open }, undefined, stop.signal);
  stop.abort();
  await ended;
  assert.deepEqual(story, ["term 1 begins", "term 1 ends"]);
});

it("a controller that breaks ends it all", async () => {
  const { election, told, stop } = campaign();
  const broken = { run: () => Promise.reject(new Error("a bug")) } as unknown as Controller;
  const ended = assert.rejects(new Terms().run({ open: () => broken }, election, stop.signal), /a bug/);
  (await told).onAcquired();
  await ended;
});
