import { onThreads } from "../workers.ts";
import { type Campaign, type Outcome, together } from "./campaign.ts";

/** Runs a campaign on so many threads. */
export async function inParallel(whole: Omit<Campaign, "stride">, threads: number): Promise<Outcome> {
  const shares = Array.from({ length: threads }, (_, i) => ({ ...whole, first: whole.first + i, stride: threads }));
  return together(await onThreads<Campaign, Outcome>(new URL("./worker.ts", import.meta.url), shares));
}
