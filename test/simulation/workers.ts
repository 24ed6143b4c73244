import { Worker } from "node:worker_threads";
import type { Campaign, Failure } from "./campaign.ts";

/** Runs a campaign on so many threads; gives every failure, the lowest seed first. */
export async function inParallel(whole: Omit<Campaign, "stride">, threads: number): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  const shares = Array.from({ length: threads }, (_, i) => ({ ...whole, first: whole.first + i, stride: threads }));
  await Promise.all(shares.map((share) => inWorker(share, (failure) => failures.push(failure))));
  return failures.sort((a, b) => a.seed - b.seed);
}

function inWorker(share: Campaign, told: (failure: Failure) => void): Promise<void> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: share });
  worker.on("message", told);
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
  });
}
