import { ConnectionError } from "./api-error.ts";

/** A signal that aborts with the outer one, or after a time; `disarm` takes the time away, `clear` lets go of both. */
export type Deadline = { readonly signal: AbortSignal; disarm(): void; clear(): void };

/** Aborts after `ms` with a ConnectionError that names the operation. */
export function startDeadline(operation: string, ms: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  const follow = (): void => controller.abort(outer?.reason);
  if (outer?.aborted) follow();
  outer?.addEventListener("abort", follow, { once: true });
  const expire = (): void => controller.abort(new ConnectionError(`${operation}: no answer within ${ms} ms`));
  const timer = setTimeout(expire, ms);
  const disarm = (): void => clearTimeout(timer);
  return {
    signal: controller.signal,
    disarm,
    clear: () => {
      disarm();
      outer?.removeEventListener("abort", follow);
    },
  };
}
