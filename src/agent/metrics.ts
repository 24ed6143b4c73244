import { Counter, Gauge, type Registry } from "../runtime/metrics.ts";

/** What an agent counts. */
export type AgentMetrics = {
  ownershipChanged(change: "announced" | "withdrawn", cause: string): void;
  conflictFound(): void;
  /** Takes over the speaker's totals. */
  speakerCounted(totals: Readonly<Record<string, number>>): void;
};

/** What the gauges show at the moment of a scrape. */
export type AgentGauges = { announcedAddresses(): number; authorityFresh(): boolean };

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
    help: "Times that another station was found to have an address",
    registers,
  });
  registerGauges(registers, gauges);
  return {
    ownershipChanged: (change, cause) => ownership.inc({ change, cause }),
    conflictFound: () => conflicts.inc(),
    speakerCounted: speakerTotals(registers),
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
    name: "herald_agent_authority_fresh",
    help: "1 while the Lease is renewed and the advertisements are current, so that addresses may be taken",
    registers,
    collect() {
      this.set(gauges.authorityFresh() ? 1 : 0);
    },
  });
}

/** The totals are monotonic already, so each counter is raised by what is missing. */
function speakerTotals(registers: Registry[]): AgentMetrics["speakerCounted"] {
  const counter = new Counter({
    name: "herald_speaker_events_total",
    help: "What the speaker counted: frames sent by kind, malformed frames received, sends that failed, lost kernel events",
    labelNames: ["event"],
    registers,
  });
  const counted = new Map<string, number>();
  return (totals) => {
    for (const [event, total] of Object.entries(totals)) {
      counter.inc({ event }, Math.max(0, total - (counted.get(event) ?? 0)));
      counted.set(event, total);
    }
  };
}
