import { setTimeout as sleep } from "node:timers/promises";

/** Generous, because machines are shared and noisy: it bounds a failure, not a success. */
const defaultWithinMs = 60_000;
const askEveryMs = 50;

/**
 * Asks until there is an answer, and gives it.
 * @throws {Error} with the last failure as its cause, if there is none in time (60 s)
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  withinMs = defaultWithinMs,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  let cause: unknown;
  while (performance.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      cause = error;
    }
    await sleep(askEveryMs);
  }
  throw new Error(`${what}: not within ${withinMs} ms`, { cause });
}
