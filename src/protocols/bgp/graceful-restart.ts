import type { GracefulRestart } from "./message.ts";
import type { SessionSettings } from "./session-settings.ts";

/**
 * Whether this process still counts as just restarted (RFC 4724, section 4.1). It does from its start until the peer has once
 * been given all routes, but no longer than the restart time: then nobody keeps any of its last process.
 */
export class Restarting {
  #untilMs: number;

  constructor(settings: SessionSettings, startedAtMs: number) {
    this.#untilMs = startedAtMs + (settings.gracefulRestart?.restartTimeSeconds ?? 0) * 1_000;
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
