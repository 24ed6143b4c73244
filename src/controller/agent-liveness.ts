import { isGone, type Liveness } from "../announce/eligibility.ts";

/** A Lease of Herald's namespace, reduced to what the controller reads of it. */
export type AgentLease<Lease> = {
  readonly name: string;
  readonly leaving: boolean;
  /** The agent has ended, and routers keep its routes for the next one. */
  readonly routesStay: boolean;
  /** Changes with each renewal. */
  readonly mark: string;
  readonly lease: Lease;
};

/** Judges Leases by whether they move, on the local monotonic clock; times are in ms on that clock. */
export type LeaseJudge<Lease> = {
  observe(lease: Lease, nowMs: number): void;
  forget(name: string): void;
  gapBegan(): void;
  gapEnded(nowMs: number): void;
  heard(atMs: number): void;
  state(name: string, nowMs: number): "alive" | "released" | "dead" | "unknown";
  nextChangeMs(nowMs: number): number | undefined;
};

/** The annotation by which a stopping agent asks to be relieved of its addresses. */
export const leavingAnnotation = "herald.dev/leaving";

/** The annotation by which an agent that has ended says that routers keep its routes. */
export const routesStayAnnotation = "herald.dev/routes-stay";

const leasePrefix = "herald-agent-";

/** A Lease that was there and is not is made again by an agent that lives; so long it has for that. */
const vanishedGraceMs = 5_000;

/** A Lease that is made before our eyes is a sign of life, and so long it need not move: longer than between two renewals. */
const newbornMs = 15_000;

/** While the Leases cannot be watched, it is looked again so often whether they can. */
const gapPollMs = 1_000;

/** How it stands with the watch of the Leases; `heardMs` is when the server last said something on it. */
export type LeaseWatch = { readonly connected: boolean; readonly heardMs: number };

type Sight<Lease> = {
  readonly lease: AgentLease<Lease>;
  /** When it was first seen, or last seen to move. */
  readonly movedMs: number;
  /** Since when it has moved without being found dead in between. */
  readonly movingSinceMs: number;
  /** Until when it counts as moving because it was made while the Leases were watched. */
  readonly newbornUntilMs: number;
  readonly verdict: Liveness;
};

/** Which nodes' agents live, from their Leases as the store shows them. A renewal costs as much as it changes. */
export class AgentLiveness<Lease> {
  readonly #judge: LeaseJudge<Lease>;
  #leases: readonly AgentLease<Lease>[] = [];
  readonly #sights = new Map<string, Sight<Lease>>();
  /** Whom time or a word of the server alone may turn dead. */
  readonly #undecided = new Set<string>();
  #watchedSinceMs: number | undefined;
  /** The Leases that are new in an update were made since the last one. */
  #isWatched = false;
  readonly #vanishedMs = new Map<string, number>();

  constructor(judge: LeaseJudge<Lease>) {
    this.#judge = judge;
  }

  /**
   * Takes in all Leases as they are, each the same object until it changes, and how they are watched. Answers whether
   * anything is judged otherwise by that.
   */
  update(leases: readonly AgentLease<Lease>[], { connected, heardMs }: LeaseWatch, nowMs: number): boolean {
    if (connected) this.#judge.gapEnded(nowMs);
    this.#judge.heard(heardMs);
    this.#isWatched = this.#watchedSinceMs !== undefined;
    const resumed = connected && this.#watchedSinceMs === undefined;
    this.#watchedSinceMs = connected ? (this.#watchedSinceMs ?? nowMs) : undefined;
    this.#endGraces(nowMs);
    const changed = this.#takeIn(leases, nowMs);
    const others = [...(resumed ? this.#sights.keys() : this.#undecided)];
    return others.filter((name) => this.#rejudge(name, nowMs)).length > 0 || changed;
  }

  /** The Leases cannot be watched; nobody is judged dead until a whole duration after they can be again. */
  gapBegan(): void {
    this.#watchedSinceMs = undefined;
    this.#judge.gapBegan();
  }

  /** Of the agent on a node; one that has no Lease does not run, but one whose Lease has just vanished may. */
  of(node: string, nowMs: number): Liveness {
    const name = leasePrefix + node;
    const found = this.#sights.get(name);
    if (found === undefined) return this.#graceEndsMs(name) > nowMs ? "unknown" : "dead";
    const verdict = this.#judged(found.lease, nowMs);
    if (verdict !== "alive" && verdict !== "dead") this.#undecided.add(name);
    return verdict;
  }

  /** For how long, in ms, the Lease of a node has been seen to move, or, of a dead agent, to be still or absent. */
  forMs(node: string, nowMs: number): number {
    const found = this.#sights.get(leasePrefix + node);
    const watchedMs = nowMs - (this.#watchedSinceMs ?? nowMs);
    if (found === undefined) return Math.min(watchedMs, nowMs - (this.#vanishedMs.get(leasePrefix + node) ?? 0));
    if (!isGone(this.#judged(found.lease, nowMs))) return nowMs - found.movingSinceMs;
    return Math.min(watchedMs, nowMs - found.movedMs);
  }

  /** How long until time alone may change a judgement, in ms; undefined: never. */
  changesInMs(nowMs: number): number | undefined {
    if (this.#watchedSinceMs === undefined) return gapPollMs;
    const graces = [...this.#vanishedMs.keys()].map((name) => this.#graceEndsMs(name)).filter((endMs) => endMs > nowMs);
    const nextMs = Math.min(this.#judge.nextChangeMs(nowMs) ?? Number.POSITIVE_INFINITY, ...graces);
    return Number.isFinite(nextMs) ? nextMs - nowMs : undefined;
  }

  #takeIn(leases: readonly AgentLease<Lease>[], nowMs: number): boolean {
    if (leases === this.#leases) return false;
    this.#leases = leases;
    let changed = false;
    let seen = 0;
    for (const lease of leases) {
      if (!lease.name.startsWith(leasePrefix)) continue;
      seen++;
      const before = this.#sights.get(lease.name);
      if (before?.lease !== lease) changed = this.#observe(lease, before, nowMs) || changed;
    }
    return seen === this.#sights.size ? changed : this.#buryAllBut(leases, nowMs);
  }

  #observe(lease: AgentLease<Lease>, before: Sight<Lease> | undefined, nowMs: number): boolean {
    const { name, mark } = lease;
    const wasDead = before === undefined || isGone(this.#judged(before.lease, nowMs));
    this.#vanishedMs.delete(name);
    this.#judge.observe(lease.lease, nowMs);
    const movedMs = before?.lease.mark === mark ? before.movedMs : nowMs;
    const movingSinceMs = wasDead ? nowMs : before.movingSinceMs;
    const born = before === undefined && this.#isWatched;
    const newbornUntilMs = born ? nowMs + newbornMs : (before?.newbornUntilMs ?? 0);
    this.#sights.set(name, { lease, movedMs, movingSinceMs, newbornUntilMs, verdict: before?.verdict ?? "dead" });
    return this.#rejudge(name, nowMs) || before === undefined;
  }

  /** Answers whether the Lease is judged otherwise than when it was last looked at. */
  #rejudge(name: string, nowMs: number): boolean {
    const sight = this.#sights.get(name);
    if (sight === undefined) return false;
    const verdict = this.#judged(sight.lease, nowMs);
    if (verdict === "alive" || verdict === "dead") this.#undecided.delete(name);
    else this.#undecided.add(name);
    if (verdict === sight.verdict) return false;
    this.#sights.set(name, { ...sight, verdict });
    return true;
  }

  #buryAllBut(leases: readonly AgentLease<Lease>[], nowMs: number): true {
    const there = new Set(leases.map(({ name }) => name));
    for (const name of this.#sights.keys()) {
      if (there.has(name)) continue;
      this.#sights.delete(name);
      this.#undecided.delete(name);
      this.#judge.forget(name);
      this.#vanishedMs.set(name, nowMs);
    }
    return true;
  }

  #judged({ name, leaving, routesStay }: AgentLease<Lease>, nowMs: number): Liveness {
    const state = this.#judge.state(name, nowMs);
    if (state === "released") return routesStay ? "stopped" : "dead";
    if (leaving && state !== "dead") return "leaving";
    const newborn = this.#watchedSinceMs !== undefined && nowMs < (this.#sights.get(name)?.newbornUntilMs ?? 0);
    return state === "unknown" && newborn ? "alive" : state;
  }

  #endGraces(nowMs: number): void {
    for (const name of this.#vanishedMs.keys()) if (this.#graceEndsMs(name) <= nowMs) this.#vanishedMs.delete(name);
  }

  #graceEndsMs(name: string): number {
    return (this.#vanishedMs.get(name) ?? Number.NEGATIVE_INFINITY) + vanishedGraceMs;
  }
}
