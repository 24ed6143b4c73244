import type { Liveness } from "../announce/eligibility.ts";

/** An agent's Lease, reduced to what tells whether its node may be given addresses. */
export type AgentLease<Lease> = { readonly name: string; readonly leaving: boolean; readonly lease: Lease };

/** Judges Leases by whether they move, on the local monotonic clock; times are in ms on that clock. */
export type LeaseJudge<Lease> = {
  observe(lease: Lease, nowMs: number): void;
  forget(name: string): void;
  gapBegan(): void;
  gapEnded(nowMs: number): void;
  heard(atMs: number): void;
  state(name: string, nowMs: number): "alive" | "dead" | "unknown";
  nextChangeMs(nowMs: number): number | undefined;
};

/** The annotation by which a stopping agent asks to be relieved of its addresses. */
export const leavingAnnotation = "herald.dev/leaving";

const leasePrefix = "herald-agent-";

/** A Lease that was there and is not is made again by an agent that lives; so long it has for that. */
const vanishedGraceMs = 5_000;

/** While the Leases cannot be watched, it is looked again so often whether they can. */
const gapPollMs = 1_000;

/** How it stands with the watch of the Leases; `heardMs` is when the server last said something on it. */
export type LeaseWatch = { readonly connected: boolean; readonly heardMs: number };

/** Which nodes' agents live, from their Leases as the store shows them. */
export class AgentLiveness<Lease> {
  readonly #judge: LeaseJudge<Lease>;
  #leases: ReadonlyMap<string, AgentLease<Lease>> = new Map();
  #watched = false;
  readonly #vanishedMs = new Map<string, number>();

  constructor(judge: LeaseJudge<Lease>) {
    this.#judge = judge;
  }

  /** Takes in all Leases as they are, and how they are watched. Answers whether anything is judged otherwise by that. */
  update(leases: readonly AgentLease<Lease>[], { connected, heardMs }: LeaseWatch, nowMs: number): boolean {
    const before = this.#verdicts(nowMs);
    if (connected) this.#judge.gapEnded(nowMs);
    this.#judge.heard(heardMs);
    this.#watched = connected;
    const known = this.#leases;
    this.#leases = new Map(leases.filter(({ name }) => name.startsWith(leasePrefix)).map((each) => [each.name, each]));
    for (const { lease } of this.#leases.values()) this.#judge.observe(lease, nowMs);
    for (const name of this.#vanishedMs.keys())
      if (this.#leases.has(name) || this.#graceEndsMs(name) <= nowMs) this.#vanishedMs.delete(name);
    for (const name of known.keys()) if (!this.#leases.has(name)) this.#vanish(name, nowMs);
    return before !== this.#verdicts(nowMs);
  }

  /** The Leases cannot be watched; nobody is judged dead until a whole duration after they can be again. */
  gapBegan(): void {
    this.#watched = false;
    this.#judge.gapBegan();
  }

  /** Of the agent on a node; one that has no Lease does not run, but one whose Lease has just vanished may. */
  of(node: string, nowMs: number): Liveness {
    const found = this.#leases.get(leasePrefix + node);
    if (found === undefined) return this.#graceEndsMs(leasePrefix + node) > nowMs ? "unknown" : "dead";
    const state = this.#judge.state(found.name, nowMs);
    return found.leaving && state !== "dead" ? "leaving" : state;
  }

  /** How long until time alone may change a judgement, in ms; undefined: never. */
  changesInMs(nowMs: number): number | undefined {
    if (!this.#watched) return gapPollMs;
    const graces = [...this.#vanishedMs.keys()].map((name) => this.#graceEndsMs(name)).filter((endMs) => endMs > nowMs);
    const nextMs = Math.min(this.#judge.nextChangeMs(nowMs) ?? Number.POSITIVE_INFINITY, ...graces);
    return Number.isFinite(nextMs) ? nextMs - nowMs : undefined;
  }

  #vanish(name: string, nowMs: number): void {
    this.#judge.forget(name);
    this.#vanishedMs.set(name, nowMs);
  }

  #graceEndsMs(name: string): number {
    return (this.#vanishedMs.get(name) ?? Number.NEGATIVE_INFINITY) + vanishedGraceMs;
  }

  #verdicts(nowMs: number): string {
    return [...this.#leases.values()]
      .map(({ name }) => `${name}=${this.of(name.slice(leasePrefix.length), nowMs)}`)
      .sort()
      .join();
  }
}
