import type { Liveness } from "../announce/eligibility.ts";
import { formatTime } from "../api/condition.ts";
import { leavingAnnotation, routesStayAnnotation } from "../controller/agent-liveness.ts";
import type { Lease } from "../kube/lease.ts";

/** The namespace in which Herald runs and keeps its Leases. */
export const systemNamespace = "herald-system";

/** How it stands with the agent of a node. */
export type Agent = {
  /** Dead also: it has no Lease. Unknown: the Leases may not be read. */
  readonly liveness: Liveness;
  /** When it last renewed its Lease, RFC 3339; empty: not known. */
  readonly renewed: string;
};

/**
 * The agent of a node by its Lease; `leases` undefined: they may not be read. A Lease that is older than its duration on this
 * machine's clock (`nowMs` since the epoch) is a dead agent's, so a clock that is wrong by more misjudges.
 */
export function agentOf(leases: readonly Lease[] | undefined, node: string, nowMs: number): Agent {
  if (leases === undefined) return { liveness: "unknown", renewed: "" };
  const lease = leases.find(({ metadata }) => metadata?.name === `herald-agent-${node}`);
  const renewedMs = Date.parse(lease?.spec?.renewTime ?? "");
  const renewed = Number.isNaN(renewedMs) ? "" : formatTime(renewedMs);
  return { liveness: livenessOf(lease, renewedMs, nowMs), renewed };
}

function livenessOf(lease: Lease | undefined, renewedMs: number, nowMs: number): Liveness {
  const { holderIdentity, leaseDurationSeconds = 0 } = lease?.spec ?? {};
  const says = (annotation: string): boolean => lease?.metadata?.annotations?.[annotation] === "true";
  if (Number.isNaN(renewedMs) || nowMs - renewedMs >= leaseDurationSeconds * 1000) return "dead";
  if (!holderIdentity) return says(routesStayAnnotation) ? "stopped" : "dead";
  return says(leavingAnnotation) ? "leaving" : "alive";
}

/** The node that holds the witness of a group; empty: none does, or the Leases may not be read. */
export function witnessHolder(leases: readonly Lease[] | undefined, group: string): string {
  const lease = leases?.find(({ metadata }) => metadata?.name === `herald-witness-${group}`);
  return lease?.spec?.holderIdentity ?? "";
}
