import type { GracefulRestart } from "./message.ts";
import type { SessionSettings } from "./session-settings.ts";

/**
 * Whether this side still counts as just restarted (RFC 4724, section 4.1). It does from when the session is made, by a new process
 * or in place of one with other settings, until the peer has once been given all routes, but no longer than the restart time: then
 * the peer keeps none of those before. The peer keeps and replaces them alike in both cases; the R bit says no more than that it
 * need not wait for this side's End-of-RIB before it sends its own routes.
 */
export class Restarting {
  #untilMs: number;

  constructor(settings: SessionSettings, madeAtMs: number) {
    this.#untilMs = madeAtMs + (settings.gracefulRestart?.restartTimeSeconds ?? 0) * 1_000;
  }

  at(nowMs: number): boolean {
    return nowMs < this.#untilMs;
  }

  /** The peer has all routes. */
  over(): void {
    this.#untilMs = Number.NEGATIVE_INFINITY;
  }
}

/**
 * The capability to send. The F bits are always set: packets are forwarded by the kernel, which goes on without this process.
 * Undefined: the peer is not asked to keep routes.
 */
export function gracefulRestartCapability(
  { gracefulRestart, families }: SessionSettings,
  restarting: boolean,
): GracefulRestart | undefined {
  if (gracefulRestart === undefined) return undefined;
  return {
    restarting,
    notification: true,
    restartTimeSeconds: gracefulRestart.restartTimeSeconds,
    families: families.map((family) => ({ family, forwardingKept: true })),
  };
}
