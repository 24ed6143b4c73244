import {
  type NodeRoutes,
  planRoutes,
  type RoutedVip,
  type RoutingNode,
  type Shutdown,
} from "../announce/bgp-routes.ts";
import type { BgpPeer } from "../api/bgp-peer.ts";
import { defaultTimers } from "../api/bgp-timers.ts";
import type { NodeBgpSession, NodeInterface } from "../api/vip-node.ts";
import type { Address } from "../net/address.ts";
import { memo } from "../runtime/memo.ts";
import type { AgentParts } from "./agent-parts.ts";
import { Departure, withdrawMs } from "./bgp-departure.ts";
import { OwnAddresses } from "./bgp-own-addresses.ts";
import {
  type OwnPeers,
  ownPeers,
  type PeerChange,
  peerChanges,
  planPeers,
  restartTimeSeconds,
} from "./bgp-peer-plan.ts";
import type { BgpCommand, BgpKnown, BgpTrouble, KnownNode, KnownPeer, SessionReport } from "./bgp-ports.ts";
import { nodeIneligibility } from "./bgp-route-plan.ts";
import { SecretBook } from "./bgp-secrets.ts";
import { BgpSessions, type SessionGauge, type Times } from "./bgp-sessions.ts";
import { Silences } from "./bgp-silences.ts";
import { StaleRoutes } from "./bgp-stale-routes.ts";
import { type BgpStatus, bgpConditions, bgpRefusals, troubleConditions } from "./bgp-status.ts";
import { BgpTold, loJobs, type ToldRoutes } from "./bgp-told.ts";
import type { Journal } from "./journal.ts";

/** Everything that decides about sessions and routes; without `bgp` nothing is known of peers yet, and all stays as it is. */
export type BgpView = {
  readonly bgp?: Pick<BgpKnown, "node" | "peers">;
  /** Whether it is the API server's word, so that it can be asked. */
  readonly live: boolean;
  readonly advertisements: readonly RoutedVip[];
  readonly interfaces: readonly NodeInterface[];
  readonly drain: boolean;
  /** What the node said of its sessions when this agent began; undefined: that is not known yet. */
  readonly sessionsBefore: readonly NodeBgpSession[] | undefined;
};

/** What there is to tell the speaker of one session, of all when they end; or a Secret to read. */
export type BgpJob = { readonly keys: readonly string[] } & (
  | { readonly kind: "bgp"; readonly change?: PeerChange; readonly routes?: ToldRoutes }
  | { readonly kind: "bgpDrain" }
  | { readonly kind: "bgpLo"; readonly addresses: readonly Address[] }
  | { readonly kind: "readSecret"; readonly secret: string }
);

/** What is to be done, said and kept, and how long until there is more by time alone. */
export type BgpPlanned = {
  readonly jobs: readonly BgpJob[];
  readonly status?: BgpStatus;
  readonly known?: BgpKnown;
  readonly inMs: number;
};

/** So long a router keeps routes of an agent that vanished, with the times that hold where a BGPPeer says nothing. */
const routesKeptMs = (restartTimeSeconds + defaultTimers.holdTimeSeconds) * 1000;

/** What the peers' people read when a node has been drained (RFC 9003). */
const drainedText = "node drained";

/** The node's part in BGP: which sessions it has, what is told by them, and how it leaves them. */
export class BgpPart {
  readonly #parts: BgpParts;
  readonly #journal: Journal;
  readonly #send: (command: BgpCommand) => void;
  readonly #told = new BgpTold();
  readonly #sessions = new BgpSessions();
  readonly #silences = new Silences();
  readonly #secrets: SecretBook;
  readonly #addresses: OwnAddresses;
  readonly #departure: Departure;
  readonly #stale: StaleRoutes;
  readonly #begunMs: number;
  readonly #troubles = new Map<BgpTrouble["about"], string>();
  /** What was said and kept last. */
  #said: Pick<BgpPlanned, "status" | "known"> = {};
  #left: () => void = () => {};
  readonly #ownPeers = memo(ownPeers);
  readonly #routingNode = memo(routingNode);
  readonly #routes = memo((vips: readonly RoutedVip[], node: RoutingNode, peers: readonly BgpPeer[]) =>
    planRoutes({ vips, node, peers }),
  );
  readonly #refusals = memo(bgpRefusals);
  readonly #keeping = memo(knownOf);

  constructor(parts: BgpParts, journal: Journal, send: (command: BgpCommand) => void) {
    this.#parts = parts;
    this.#journal = journal;
    this.#send = send;
    this.#secrets = new SecretBook(parts.random);
    this.#addresses = new OwnAddresses(parts.bgp.localAddresses);
    this.#departure = new Departure(parts.bgp.drainWaitMs);
    this.#begunMs = parts.clock.monotonicMs();
    this.#stale = new StaleRoutes(this.#begunMs);
  }

  /** Takes over the passwords that were kept. */
  recall({ passwords }: BgpKnown): void {
    this.#secrets.recall(passwords);
  }

  /** Plans from what is known; takes note of the peers and of how far a drain is, and changes nothing else. */
  plan({ bgp, ...view }: BgpView): BgpPlanned {
    const now = this.#now();
    if (bgp === undefined) return this.#planUnknown(view, now.monotonicMs);
    const addresses = this.#addresses.read(bgp.node, view.interfaces, bgp.peers, now.monotonicMs);
    const own = this.#ownPeers(bgp.node, addresses, bgp.peers, this.#parts.bgp.annotationPrefix);
    this.#secrets.setPeers(own.peers);
    const names = own.peers.map(({ name }) => name);
    this.#sessions.setPeers(names, [...own.doubles.keys()], now);
    if (view.sessionsBefore !== undefined) this.#stale.recall(view.sessionsBefore, now);
    const stale = this.#stale.of(own.peers, now.monotonicMs);
    this.#departure.look(view.drain, this.#told.sessions(this.#sessions), stale.size > 0, now.monotonicMs);
    if (this.#departure.isOver) this.#left();
    const planned = this.#planOwn({ ...view, ...own, stale, node: bgp.node }, now.monotonicMs);
    const kept = this.#keeping(bgp.node, bgp.peers, own.peers, JSON.stringify([...this.#secrets.known()]));
    this.#said = { ...(planned.status && { status: planned.status }), known: kept };
    const staleInMs = view.drain ? this.#stale.lookInMs(own.peers, now.monotonicMs) : Number.POSITIVE_INFINITY;
    return { ...planned, known: kept, inMs: Math.min(staleInMs, this.#lookInMs(view.live, now.monotonicMs)) };
  }

  /** What was said before stays; of an agent that has just begun, what the one before it said, while routers may keep its routes. */
  #planUnknown({ sessionsBefore: sessions = [] }: Omit<BgpView, "bgp">, nowMs: number): BgpPlanned {
    const inMs = this.#begunMs + routesKeptMs - nowMs;
    if (this.#said.status !== undefined || sessions.length === 0 || inMs <= 0)
      return { jobs: [], ...this.#said, inMs: Number.POSITIVE_INFINITY };
    return { jobs: [], status: { sessions, addresses: [], refusals: [], conditions: [], departed: false }, inMs };
  }

  #planOwn(view: OwnView, nowMs: number): Pick<BgpPlanned, "jobs" | "status"> {
    const { advertisements, interfaces, peers, node } = view;
    const { wishes, waiting } = planPeers({ node: node.node, interfaces, peers, passwords: this.#secrets.get });
    const routing = this.#routingNode(node, interfaces, this.#departure.shutdown);
    const routes = this.#routes(advertisements, routing, peers);
    const wanted = view.drain ? wishes.filter(({ name }) => this.#staysOnDrain(name, view.stale)) : wishes;
    const silences = this.#silences.at(routes.peers, (name) => this.#sessions.established(name));
    const status = {
      sessions: this.#sessions.list(new Map([...view.doubles, ...waiting]), nowMs, silences),
      addresses: this.#told.addresses(this.#sessions),
      refusals: this.#refusals(routes, advertisements, node.node.name, silences),
      conditions: bgpConditions(view, this.#secrets.problems(), this.#troubles),
      departed: this.#departure.isOver,
    };
    const secrets = view.live ? this.#secrets.due(nowMs) : [];
    const reads = secrets.map((secret) => ({ kind: "readSecret", secret, keys: [`secret ${secret}`] }) as const);
    const changes = peerChanges(wanted, this.#told.peers, peers);
    const [before, after] = loJobs(this.#told.onLo, routes.onLo);
    const tells = [...before, ...sessionJobs(changes, this.#told, routes), ...after];
    return { jobs: [...tells, ...this.#planEnd(view.stale, nowMs), ...reads], status };
  }

  /** A node that is leaving begins a session only to take back by it what the peer keeps. */
  #staysOnDrain(name: string, stale: ReadonlySet<string>): boolean {
    return this.#told.hasSession(name) || (stale.has(name) && !this.#departure.isOver);
  }

  #planEnd(stale: ReadonlySet<string>, nowMs: number): readonly BgpJob[] {
    const withdrawn = this.#told.isEmpty && !this.#sessions.tellsRoutes;
    const ends = this.#departure.endsSessions(withdrawn, stale.size > 0, nowMs);
    return ends ? [{ kind: "bgpDrain", keys: ["bgp drain"] }] : [];
  }

  #lookInMs(live: boolean, nowMs: number): number {
    const looks = [this.#departure, this.#sessions, ...(live ? [this.#secrets] : [])];
    return Math.min(...looks.map((each) => each.lookInMs(nowMs)));
  }

  /** Does what a plan said. */
  async apply(job: BgpJob): Promise<"done"> {
    switch (job.kind) {
      case "bgp":
        this.#tell(job);
        return "done";
      case "bgpLo":
        this.#send({ kind: "bgpLo", addresses: job.addresses });
        this.#told.onLo = job.addresses;
        return "done";
      case "bgpDrain":
        this.#send({ kind: "bgpDrain", text: drainedText });
        this.#told.end();
        this.#stale.clear();
        this.#departure.ended();
        return "done";
      case "readSecret":
        this.#secrets.note(job.secret, await this.#parts.bgp.readPassword(job.secret), this.#now().monotonicMs);
        return "done";
    }
  }

  #tell({ change, routes }: Extract<BgpJob, { readonly kind: "bgp" }>): void {
    if (change !== undefined) this.#send(change);
    if (change?.kind === "bgpPeer") this.#told.peers.set(change.name, change);
    if (change?.kind === "bgpPeerGone") this.#told.forget(change.name);
    if (routes === undefined) return;
    this.#send(routes.wish);
    this.#told.setRoutes(routes);
  }

  /** Takes in how a session is, and says what is new. */
  hear(report: SessionReport): void {
    const now = this.#now();
    for (const news of this.#sessions.hear(report, now)) {
      this.#journal.session(report.name, news);
      if (!this.#departure.isOver) this.#stale.note(report.name, news, now.monotonicMs);
    }
  }

  /** Takes in what the speaker cannot do, and says so. */
  hearTrouble({ about, message }: BgpTrouble): void {
    if (message === "") this.#troubles.delete(about);
    else {
      this.#troubles.set(about, message);
      this.#journal.speakerInTrouble(troubleConditions[about], message);
    }
  }

  /** Every session, for the metrics. */
  gauges(): readonly SessionGauge[] {
    return this.#sessions.gauges(this.#parts.clock.monotonicMs());
  }

  /** Ends the sessions of a node that is about to go, so that its peers drop the routes at once; of another, nothing. */
  leaveForGood(): void {
    const going = this.#going();
    if (going !== undefined && !this.#departure.isOver) this.#send({ kind: "bgpDrain", text: `node ${going}` });
  }

  /** Whether some peer keeps routes of this node for the next agent if this one ends now. */
  routesStay(): boolean {
    return this.#going() === undefined && this.#departure.shutdown.phase === "none" && this.#sessions.leavesRoutes;
  }

  #going(): string | undefined {
    return this.#parts.bgp.read()?.node.going;
  }

  /** Resolves once a drain that has begun is over, or has had the time for it; at once if there is none. */
  async departed(): Promise<void> {
    if (this.#departure.shutdown.phase === "none" || this.#departure.isOver) return;
    const { clock, bgp } = this.#parts;
    await new Promise<void>((resolve) => {
      const cancel = clock.setTimer(bgp.drainWaitMs + withdrawMs, resolve);
      this.#left = () => {
        cancel();
        resolve();
      };
    });
  }

  #now(): Times {
    const { clock } = this.#parts;
    return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
  }
}

type BgpParts = Pick<AgentParts, "bgp" | "clock" | "random">;

type OwnView = Omit<BgpView, "bgp"> & OwnPeers & { readonly node: KnownNode; readonly stale: ReadonlySet<string> };

/** What to tell the speaker, one job a session, so that its settings come before its routes. */
function sessionJobs(changes: readonly PeerChange[], told: BgpTold, { peers }: NodeRoutes): readonly BgpJob[] {
  const jobs = new Map(changes.map((change) => [change.name, { change } as Omit<ToldJob, "kind" | "keys">]));
  for (const planned of peers) {
    const { name } = planned.peer;
    const routes = told.hasSession(name) || jobs.has(name) ? told.routeChange(planned) : undefined;
    if (routes !== undefined) jobs.set(name, { ...jobs.get(name), routes });
  }
  return [...jobs].map(([name, job]) => ({ kind: "bgp", ...job, keys: [`bgp ${name}`] }) as const);
}

type ToldJob = Extract<BgpJob, { readonly kind: "bgp" }>;

function routingNode(known: KnownNode, interfaces: readonly NodeInterface[], shutdown: Shutdown): RoutingNode {
  const { name, labels } = known.node;
  return { name, labels, shutdown, ineligible: nodeIneligibility(known.node, interfaces) };
}

/** What of it all a restart needs: the peers that select the node. */
function knownOf(node: KnownNode, all: readonly KnownPeer[], own: readonly BgpPeer[], passwords: string): BgpKnown {
  const peers = all.filter(({ peer }) => own.includes(peer));
  return { node, peers, passwords: new Map(JSON.parse(passwords) as [string, string][]) };
}
