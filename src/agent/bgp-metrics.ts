import { Counter, Gauge, type Registry } from "../runtime/metrics.ts";
import type { SessionGauge } from "./bgp-sessions.ts";

/** As BGP4-MIB numbers them (RFC 4273, bgpPeerState). */
const stateNumbers = { Idle: 1, Connect: 2, Active: 3, OpenSent: 4, OpenConfirm: 5, Established: 6 } as const;

/** Registers the metrics of BGP sessions; the only label is the peer's name. */
export function registerBgpMetrics(registers: Registry[], sessions: () => readonly SessionGauge[]): void {
  for (const { name, help, value } of gauges)
    new Gauge({
      name,
      help,
      labelNames: ["peer"],
      registers,
      collect() {
        this.reset();
        for (const session of sessions()) {
          const number = value(session);
          if (number !== undefined) this.set({ peer: session.peer }, number);
        }
      },
    });
  registerTotals(registers, sessions);
}

type GaugeRow = {
  readonly name: string;
  readonly help: string;
  readonly value: (session: SessionGauge) => number | undefined;
};

const gauges: readonly GaugeRow[] = [
  {
    name: "herald_bgp_session_up",
    help: "1 while the session is established",
    value: ({ state }) => Number(state === "Established"),
  },
  {
    name: "herald_bgp_session_state",
    help: "1 Idle, 2 Connect, 3 Active, 4 OpenSent, 5 OpenConfirm, 6 Established",
    value: ({ state }) => stateNumbers[state],
  },
  {
    name: "herald_bgp_session_uptime_seconds",
    help: "How long the session has been established; 0 while it is not",
    value: ({ uptimeMs }) => uptimeMs / 1000,
  },
  {
    name: "herald_bgp_announced_prefixes",
    help: "Prefixes that the peer has been told",
    value: ({ announced }) => announced,
  },
  {
    name: "herald_bfd_session_up",
    help: "1 while BFD sees the peer; absent where it is not wanted",
    value: ({ bfdUp }) => (bfdUp === undefined ? undefined : Number(bfdUp)),
  },
];

type TotalRow = {
  readonly name: string;
  readonly help: string;
  readonly total: (session: SessionGauge) => number;
};

const totals: readonly TotalRow[] = [
  {
    name: "herald_bgp_session_flaps_total",
    help: "Times that the session ceased to be established",
    total: ({ flaps }) => flaps,
  },
  {
    name: "herald_bgp_updates_sent_total",
    help: "UPDATE messages to the peer",
    total: ({ counters }) => counters?.sent.update ?? 0,
  },
  {
    name: "herald_bgp_updates_received_total",
    help: "UPDATE messages from the peer; nothing of them is imported",
    total: ({ counters }) => counters?.received.update ?? 0,
  },
  {
    name: "herald_bgp_notifications_sent_total",
    help: "NOTIFICATION messages to the peer",
    total: ({ counters }) => counters?.sent.notification ?? 0,
  },
  {
    name: "herald_bgp_notifications_received_total",
    help: "NOTIFICATION messages from the peer",
    total: ({ counters }) => counters?.received.notification ?? 0,
  },
];

function registerTotals(registers: Registry[], sessions: () => readonly SessionGauge[]): void {
  for (const { name, help, total } of totals) {
    const growth = totalsGrowth();
    new Counter({
      name,
      help,
      labelNames: ["peer"],
      registers,
      collect() {
        const { grown, gone } = growth(new Map(sessions().map((session) => [session.peer, total(session)])));
        for (const [peer, by] of grown) this.inc({ peer }, by);
        for (const peer of gone) this.remove({ peer });
      },
    });
  }
}

/** By how much each total has grown since the last call. Those of a session begin anew with it: then by the whole of it. */
function totalsGrowth() {
  let counted: ReadonlyMap<string, number> = new Map();
  return (now: ReadonlyMap<string, number>) => {
    const before = counted;
    counted = now;
    const grown = [...now].map(([peer, total]) => {
      const was = before.get(peer) ?? 0;
      return [peer, total < was ? total : total - was] as const;
    });
    return { grown, gone: [...before.keys()].filter((peer) => !now.has(peer)) };
  };
}
