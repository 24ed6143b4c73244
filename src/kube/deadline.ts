import { ConnectionError } from "./api-error.ts";
import type { SetTimer } from "./clock.ts";

/** A signal that aborts with the outer one, or after a time; `disarm` takes the time away, `clear` lets go of both. */
export type Deadline = { readonly signal: AbortSignal; disarm(): void; clear(): void };

/** How long an operation may take by which timers, and what ends it before. */
export type Limit = {
  readonly operation: string;
  readonly timeoutMs: number;
  readonly setTimer: SetTimer;
  readonly outer?: AbortSignal | undefined;
};

/** Aborts after `timeoutMs` with a ConnectionError that names the operation. */
export function startDeadline({ operation, timeoutMs, setTimer, outer }: Limit): Deadline {
  const controller = new AbortController();
  const follow = (): void => controller.abort(outer?.reason);
  if (outer?.aborted) follow();
  outer?.addEventListener("abort", follow, { once: true });
  const expire = (): void => controller.abort(new ConnectionError(`${operation}: no answer within ${timeoutMs} ms`));
  const disarm = setTimer(timeoutMs, expire);
  return {
    signal: controller.signal,
    disarm,
    clear: () => {
      disarm();
      outer?.removeEventListener("abort", follow);
    },
  };
}
