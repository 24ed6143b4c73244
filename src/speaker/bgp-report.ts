import type { Session } from "../protocols/bgp/session.ts";
import type { BgpPeerCommand, BgpSessionReport } from "./bgp-messages.ts";

/** What a report is made of. */
export type Reported = {
  readonly command: BgpPeerCommand;
  readonly session: Session;
  readonly serial: number;
  readonly lastError: string | undefined;
  readonly lastNotification: BgpSessionReport["lastNotification"];
  readonly bfd: BgpSessionReport["bfd"];
  readonly nowMs: number;
  readonly machineOffsetMs: number;
};

const none: BgpSessionReport["absent"] = [];

/** A session as its owner is told of it. */
export function sessionReport(reported: Reported): BgpSessionReport {
  const { command, session, serial, lastError, lastNotification, bfd, nowMs, machineOffsetMs } = reported;
  const { state, reason, sinceMs, agreed, routes, counters } = session.describe(nowMs);
  const isUp = state === "Established";
  return {
    kind: "bgpSession",
    name: command.name,
    state,
    reason,
    sinceMs: sinceMs + machineOffsetMs,
    ...(isUp &&
      agreed && {
        established: {
          peerRouterId: agreed.peerRouterId,
          families: agreed.families,
          silent: agreed.silent,
          holdTimeSeconds: agreed.holdTimeSeconds,
          gracefulRestart:
            command.settings.gracefulRestart !== undefined && agreed.peerRestartTimeSeconds !== undefined,
          capabilities: agreed.capabilities,
        },
      }),
    ...(lastError !== undefined && !isUp && { lastError }),
    ...(lastNotification && { lastNotification }),
    ...(command.bfd && bfd && { bfd }),
    serial,
    wanted: routes.wanted,
    announced: routes.told,
    waiting: routes.waiting,
    absent: isUp && routes.told < routes.wanted ? session.absences() : none,
    counters,
  };
}

/**
 * Equal exactly for reports that say the same, but for the counters and the list of absent routes: that may be long, and is the same
 * object as long as it says the same.
 */
export function reportKey({ counters: _, absent: __, ...rest }: BgpSessionReport): string {
  return JSON.stringify(rest, (___, value: unknown) => (typeof value === "bigint" ? `${value}` : value));
}
