import type { VipNode, VipNodeStatus } from "../api/vip-node.ts";
import { type Address, formatAddress, objectName } from "../net/address.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import { type JobResult, type Planned, PlanningLoop } from "../runtime/loop.ts";
import { type Authority, type AuthorityStep, nextAuthority } from "./authority.ts";
import { type HeldAddress, heldAfterChange, heldAfterReport } from "./held.ts";
import type { AgentMetrics } from "./metrics.ts";
import { type News, newsOf } from "./news.ts";
import { announcedKeys, awaitsSpeaker, type NodeLinks, nodeLinks, nodeStatus, sameStatus } from "./node-status.ts";
import { type AgentChange, type NodeView, planAnnouncements } from "./plan.ts";
import type { AddressReport, AdvertisementView, AgentLease, AgentSpeaker, OwnNode, SpeakerReport } from "./ports.ts";

/** What an agent is made of. */
export type AgentOptions = {
  readonly node: string;
  readonly leaseDurationMs: number;
  readonly advertisements: AdvertisementView;
  readonly ownNode: OwnNode;
  readonly lease: AgentLease;
  /** `onFailure`: the speaker has ended by itself; nothing is answered for any more. */
  readonly openSpeaker: (onReport: (report: SpeakerReport) => void, onFailure: (error: Error) => void) => AgentSpeaker;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: AgentMetrics;
};

type AgentJob = { readonly keys: readonly string[] } & (
  | { readonly kind: "change"; readonly change: AgentChange }
  | { readonly kind: "authority"; readonly step: AuthorityStep }
  | { readonly kind: "status"; readonly read: VipNode; readonly status: VipNodeStatus }
);

/** How long an agent that ends goes on answering while its addresses are moved. */
export const leaveMs = 2_000;

/** A write of the status is followed by a rest of so many times what it took, so that a burst costs few of them. */
const restPerWrite = 4;
const longestRestMs = 200;

/** Makes one node's speaker hold what the advertisements give this node, and says in its VIPNode what the speaker holds. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #speaker: AgentSpeaker;
  readonly #loop: PlanningLoop<AgentJob>;
  readonly #held = new Map<string, HeldAddress>();
  readonly #failed = Promise.withResolvers<never>();
  #links: NodeLinks | undefined;
  #announcedBefore: ReadonlySet<string> | undefined;
  #authority: Authority = { kind: "starting" };
  #leaving = false;
  #left: () => void = () => {};
  #nextStatusMs = 0;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#loop = new PlanningLoop<AgentJob>({
      plan: () => this.#plan(),
      apply: (job) => this.#apply(job),
      onFailure: ({ kind }, err, retryInMs) => options.log.warn({ kind, err, retryInMs }, "agent job failed"),
      clock: options.clock,
      random: options.random,
      concurrency: 2,
    });
    this.#speaker = options.openSpeaker((report) => this.#hear(report), this.#failed.reject);
  }

  /** Something that the agent sees has changed. */
  wake(): void {
    this.#loop.wake();
  }

  /** How many addresses the speaker answers for. */
  announcedAddresses(): number {
    let count = 0;
    for (const { answering } of this.#held.values()) if (answering) count++;
    return count;
  }

  /** Whether the node's right to its addresses is known to hold. */
  authorityFresh(): boolean {
    return this.#authority.kind === "fresh";
  }

  /**
   * Runs until the signal aborts; then goes on answering until its addresses have been moved or 2 s have passed, withdraws
   * what is left, gives up the Lease and resolves.
   * @throws {Error} at once if the speaker ended by itself, and what planning threw: a bug; the Lease is given up then too
   */
  async run(signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const running = this.#loop.run(stop.signal);
    try {
      await Promise.race([running, this.#failed.promise, aborted(signal)]);
      await Promise.race([running, this.#failed.promise, this.#leave()]);
    } finally {
      stop.abort();
      await this.#speaker.close();
      await this.#options.lease.release();
    }
    await running;
  }

  async #leave(): Promise<void> {
    const { clock, lease, log } = this.#options;
    this.#leaving = true;
    log.info({ addresses: this.announcedAddresses() }, "agent leaving");
    lease.leave();
    await new Promise<void>((resolve) => {
      const cancel = clock.setTimer(leaveMs, resolve);
      this.#left = () => {
        if (this.announcedAddresses() > 0) return;
        cancel();
        resolve();
      };
      this.#left();
    });
  }

  #plan(): Planned<AgentJob> {
    const { advertisements, clock, leaseDurationMs, lease } = this.#options;
    if (this.#links === undefined || !advertisements.synced()) return { jobs: [] };
    const nowMs = clock.monotonicMs();
    const heardMs = advertisements.heardMs();
    const step = nextAuthority(this.#authority, { nowMs, renewedMs: lease.renewedMs(), leaseDurationMs, heardMs });
    const view = this.#view(this.#links, step.authority.kind === "fresh");
    const changes = planAnnouncements(view);
    const jobs: AgentJob[] = changes.map((change) => ({ kind: "change", change, keys: [objectName(change.address)] }));
    if (step.authority !== this.#authority) jobs.unshift({ kind: "authority", step, keys: ["authority"] });
    const status = this.#planStatus(view, changes);
    const restMs = this.#nextStatusMs - nowMs;
    if (status !== undefined && restMs <= 0) jobs.push(status);
    return { jobs, wakeInMs: status !== undefined && restMs > 0 ? Math.min(restMs, step.lookInMs) : step.lookInMs };
  }

  #view(links: NodeLinks, authority: boolean): NodeView & NodeLinks {
    const { node, advertisements, ownNode } = this.#options;
    const own = ownNode.read();
    this.#announcedBefore ??= new Set(own === undefined ? [] : announcedKeys(own));
    return {
      node,
      advertisements: advertisements.list(),
      ...links,
      held: this.#held,
      announcedBefore: this.#announcedBefore,
      authority,
      leaving: this.#leaving,
    };
  }

  #planStatus(view: NodeView & NodeLinks, changes: readonly AgentChange[]): AgentJob | undefined {
    const read = this.#options.ownNode.read();
    if (read === undefined || view.leaving || !view.authority || awaitsSpeaker(read, view.held, changes))
      return undefined;
    const status = nodeStatus(view, read, this.#options.clock.wallMs());
    return sameStatus(status, read) ? undefined : { kind: "status", read, status, keys: ["status"] };
  }

  #apply(job: AgentJob): Promise<JobResult> {
    switch (job.kind) {
      case "change":
        return this.#change(job.change);
      case "authority":
        return this.#changeAuthority(job.step);
      case "status":
        return this.#writeStatus(job.read, job.status);
    }
  }

  async #change(change: AgentChange): Promise<JobResult> {
    const { cause, ...command } = change;
    this.#options.log.debug({ ...command, address: formatAddress(change.address), cause }, "speaker asked");
    this.#speaker.send(command);
    const key = objectName(change.address);
    this.#hold(key, heldAfterChange(this.#held.get(key), change));
    return "done";
  }

  async #changeAuthority({ authority, reopen }: AuthorityStep): Promise<JobResult> {
    const { advertisements, log } = this.#options;
    const before = this.#authority;
    this.#authority = authority;
    if (reopen) advertisements.reopen();
    if (authority.kind === before.kind) return "done";
    const fresh = authority.kind === "fresh";
    this.#announcedBefore = new Set();
    this.#speaker.send({ kind: "authority", fresh });
    if (fresh) log.info({}, before.kind === "starting" ? "agent ready" : "authority regained");
    else log.warn({ addresses: this.announcedAddresses() }, "authority lost: addresses are kept, none is taken");
    return "done";
  }

  async #writeStatus(read: VipNode, status: VipNodeStatus): Promise<JobResult> {
    const { clock, ownNode } = this.#options;
    const startMs = clock.monotonicMs();
    try {
      return (await ownNode.write(read, status)) === "written" ? "done" : "stale";
    } finally {
      const endMs = clock.monotonicMs();
      this.#nextStatusMs = endMs + Math.min(restPerWrite * (endMs - startMs), longestRestMs);
    }
  }

  #hear(report: SpeakerReport): void {
    if (report.kind === "counters") {
      this.#options.metrics.speakerCounted(report.counters);
      return;
    }
    if (report.kind === "interfaces") this.#links = nodeLinks(report.interfaces);
    else this.#hearOfAddress(report);
    this.#loop.wake();
  }

  #hearOfAddress(report: AddressReport): void {
    const key = objectName(report.address);
    const before = this.#held.get(key);
    if (before === undefined) return;
    const after = heldAfterReport(before, report);
    this.#hold(key, after);
    for (const news of newsOf(before, after)) this.#tell(report.address, news);
    this.#left();
  }

  #hold(key: string, entry: HeldAddress | undefined): void {
    if (entry === undefined) this.#held.delete(key);
    else this.#held.set(key, entry);
  }

  #tell(address: Address, news: News): void {
    const { log, metrics } = this.#options;
    const fields = { address: formatAddress(address) };
    switch (news.kind) {
      case "ownership":
        metrics.ownershipChanged(news.change, news.cause);
        log.info({ ...fields, cause: news.cause }, messages[news.change]);
        return;
      case "trouble":
        if (news.trouble.reason === "Conflict") metrics.conflictFound();
        log.warn({ ...fields, reason: news.trouble.reason, detail: news.trouble.message }, "address in trouble");
    }
  }
}

const messages = { announced: "address announced", withdrawn: "address withdrawn" };

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
