import type { Address, Family } from "../../net/address.ts";
import type { RouteCounts } from "./adj-out.ts";
import { type Endpoints, type SilentFamily, silentFamilies } from "./adj-out-export.ts";
import { type Agreement, keepaliveEveryMs } from "./session-agreement.ts";
import type { Notice, SessionCounters } from "./session-journal.ts";
import type { SessionTimes } from "./session-settings.ts";
import type { State } from "./state.ts";

/** What both sides agreed on, while there is a connection over which they did. */
export type AgreementReport = {
  readonly peerRouterId: Address;
  readonly families: readonly Family[];
  readonly silent: readonly SilentFamily[];
  /** 0: silence does not end the session. */
  readonly holdTimeSeconds: number;
  readonly keepaliveSeconds: number;
  /** In words of the field, sorted as the RFCs came. */
  readonly capabilities: readonly string[];
  /** For how long the peer says that it keeps what it sent us; undefined: it cannot restart gracefully. */
  readonly peerRestartTimeSeconds?: number;
};

/** One connection to the peer, also one that is being made: who began it, and what its machine reached. */
export type ConnectionReport = {
  readonly connection: number;
  readonly initiator: "us" | "peer";
  readonly state: State;
};

/** What is to be seen of a session from outside. Times are milliseconds of the clock that its inputs are dated by. */
export type SessionReport = {
  readonly state: State;
  /** Why it is in that state, in words. */
  readonly reason: string;
  readonly sinceMs: number;
  /** How long it is Established. */
  readonly uptimeMs?: number;
  /** When it tries again after a failure. */
  readonly restsUntilMs?: number;
  /** Failures since it was last stable. */
  readonly failures: number;
  readonly agreed?: AgreementReport;
  /** At most one of them is Established. */
  readonly connections: readonly ConnectionReport[];
  readonly counters: SessionCounters;
  /** Routes wanted, and told to the peer. */
  readonly routes: RouteCounts;
  readonly lastNotification: { readonly sent?: Notice; readonly received?: Notice };
};

/** An agreement for people, with the ends of the connection and the times as they are now. */
export function agreementReport(agreed: Agreement, endpoints: Endpoints, times: SessionTimes): AgreementReport {
  const { negotiated, peer, holdTimeMs, gracefulRestart, hardReset } = agreed;
  const words: readonly (readonly [boolean, string])[] = [
    [negotiated.routeRefresh, "route refresh"],
    [negotiated.fourOctetAs, "four-octet AS numbers"],
    [gracefulRestart, "graceful restart"],
    [hardReset, "graceful restart after notifications"],
    [negotiated.extendedMessage, "extended messages"],
    [negotiated.extendedNextHop, "IPv4 routes with IPv6 next hops"],
  ];
  const restart = peer.capabilities.gracefulRestart;
  return {
    peerRouterId: peer.routerId,
    families: negotiated.families,
    silent: silentFamilies(negotiated, endpoints),
    holdTimeSeconds: holdTimeMs / 1_000,
    keepaliveSeconds: keepaliveEveryMs(agreed, times) / 1_000,
    capabilities: words.filter(([has]) => has).map(([, name]) => name),
    ...(restart && { peerRestartTimeSeconds: restart.restartTimeSeconds }),
  };
}
