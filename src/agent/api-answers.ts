import type { Logger } from "../runtime/log.ts";
import type { OutageLog } from "../runtime/outage.ts";

/** More often the speaker need not hear that the API server answers. */
const restMs = 100;

/** Calls back for requests that the API server answered decisively, not more often than ten times a second. */
export function answerCounter(onAnswer: () => void): (record: { readonly code: number }) => void {
  let toldMs = Number.NEGATIVE_INFINITY;
  return ({ code }) => {
    const nowMs = performance.now();
    if (code === 0 || code >= 500 || nowMs < toldMs + restMs) return;
    toldMs = nowMs;
    onAnswer();
  };
}

/**
 * A watch on which nothing happens is opened anew now and then, because its connection may be dead: that is no outage. The
 * Lease, which is renewed all the while, tells of one.
 */
export function watchProblems(log: Logger, outage: OutageLog): (error: Error) => void {
  return (err) => {
    if (err.message.endsWith(": silent")) log.debug({ err }, "watch opened anew");
    else outage.failed(err);
  };
}
