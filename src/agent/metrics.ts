import { Counter, Gauge, Histogram, type Registry } from "../runtime/metrics.ts";
import { registerBgpMetrics } from "./bgp-metrics.ts";
import type { SessionGauge } from "./bgp-sessions.ts";
import type { PeerCounters } from "./ports.ts";

/** What an agent counts. */
export type AgentMetrics = {
  ownershipChanged(change: "announced" | "withdrawn", cause: string): void;
  conflictFound(): void;
  /** Addresses were taken over so long after the last heartbeat of the member that was lost. */
  tookOver(afterMs: number): void;
  /** Takes over the speaker's totals, and those of the heartbeats of each other member. */
  speakerCounted(totals: Readonly<Record<string, number>>, peers: readonly PeerCounters[]): void;
};

/** What the gauges show at the moment of a scrape; `groups`: whether each group of the node has a quorum, by name. */
export type AgentGauges = {
  announcedAddresses(): number;
  groups(): ReadonlyMap<string, boolean>;
  bgpSessions(): readonly SessionGauge[];
};

/** Registers the agent's metrics. */
export function createAgentMetrics(registry: Registry, gauges: AgentGauges): AgentMetrics {
  const registers = [registry];
  const ownership = new Counter({
    name: "herald_agent_ownership_changes_total",
    help: "Times that this node began or ceased to answer for an address, by what caused it",
    labelNames: ["change", "cause"],
    registers,
  });
  const conflicts = new Counter({
    name: "herald_agent_conflicts_total",
    help: "Times that a foreign station was found to have an address",
    registers,
  });
  const takeOvers = new Histogram({
    name: "herald_agent_takeover_seconds",
    help: "Time from the last heartbeat of a lost member to the announcement of what was taken over from it",
    buckets: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 1, 2, 5],
    registers,
  });
  registerGauges(registers, gauges);
  registerBgpMetrics(registers, () => gauges.bgpSessions());
  const events = speakerTotals(registers);
  const heartbeats = heartbeatTotals(registers);
  return {
    ownershipChanged: (change, cause) => ownership.inc({ change, cause }),
    conflictFound: () => conflicts.inc(),
    tookOver: (afterMs) => takeOvers.observe(afterMs / 1000),
    speakerCounted: (totals, peers) => {
      events(totals);
      heartbeats(peers);
    },
  };
}

function registerGauges(registers: Registry[], gauges: AgentGauges): void {
  new Gauge({
    name: "herald_agent_announced_addresses",
    help: "Addresses that this node answers for",
    registers,
    collect() {
      this.set(gauges.announcedAddresses());
    },
  });
  new Gauge({
    name: "herald_agent_group_quorum",
    help: "1 while more than half of a group's voters and this node hear each other",
    labelNames: ["group"],
    registers,
    collect() {
      this.reset();
      for (const [group, quorum] of gauges.groups()) this.set({ group }, quorum ? 1 : 0);
    },
  });
}

/** The totals are monotonic already, so a counter is raised by what is missing. */
function raiser(): (key: string, total: number) => number {
  const counted = new Map<string, number>();
  return (key, total) => {
    const missing = Math.max(0, total - (counted.get(key) ?? 0));
    counted.set(key, total);
    return missing;
  };
}

function speakerTotals(registers: Registry[]): (totals: Readonly<Record<string, number>>) => void {
  const counter = new Counter({
    name: "herald_speaker_events_total",
    help: "What the speaker counted: frames and heartbeats by kind, malformed ones received, sends that failed, lost kernel events",
    labelNames: ["event"],
    registers,
  });
  const missing = raiser();
  return (totals) => {
    for (const [event, total] of Object.entries(totals)) counter.inc({ event }, missing(event, total));
  };
}

function heartbeatTotals(registers: Registry[]): (peers: readonly PeerCounters[]) => void {
  const labelNames = ["group", "peer"];
  const counter = new Counter({
    name: "herald_speaker_heartbeats_total",
    help: "Heartbeats to and from each other member: sent, received, lost on the way here",
    labelNames: [...labelNames, "event"],
    registers,
  });
  const jitter = new Gauge({
    name: "herald_speaker_heartbeat_jitter_seconds",
    help: "How far the time between two heartbeats of a member differs from the interval, smoothed",
    labelNames,
    registers,
  });
  const missing = raiser();
  return (peers) => {
    jitter.reset();
    for (const { group, node: peer, jitterMs, ...totals } of peers) {
      jitter.set({ group, peer }, jitterMs / 1000);
      for (const event of ["sent", "received", "lost"] as const)
        counter.inc({ group, peer, event }, missing(`${group} ${peer} ${event}`, totals[event]));
    }
  };
}
