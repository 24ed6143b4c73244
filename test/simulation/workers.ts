import { Worker } from "node:worker_threads";
import type { Campaign, Failure } from "./campaign.ts";

/** Runs a campaign on so many threads; gives every failure, the lowest seed first. */
export async function inParallel(whole: Omit<Campaign, "stride">, threads: number): Promise<readonly Failure[]> {
  const shares = Array.from({ length: threads }, (_, i) => ({ ...whole, first: whole.first + i, stride: threads }));
  const failures = await onThreads<Campaign, Failure>(new URL("./worker.ts", import.meta.url), shares);
  return failures.toSorted((a, b) => a.seed - b.seed);
}

/** Runs a program once for each share, each on a thread of its own; gives all that they told, in no order. */
export async function onThreads<Share, Told>(program: URL, shares: readonly Share[]): Promise<readonly Told[]> {
  const all: Told[] = [];
  await Promise.all(shares.map((share) => inWorker<Told>(program, share, (told) => all.push(told))));
  return all;
}

function inWorker<Told>(program: URL, share: unknown, told: (told: Told) => void): Promise<void> {
  const worker = new Worker(program, { workerData: share });
  worker.on("message", told);
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
  });
}
