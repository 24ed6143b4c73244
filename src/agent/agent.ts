import type { Group } from "../api/vip-group.ts";
import { type JobResult, type Planned, PlanningLoop } from "../runtime/loop.ts";
import { type AgentJob, askJob, describedChange, readJobs, renewedJob, wishedJobs } from "./agent-job.ts";
import type { AgentParts } from "./agent-parts.ts";
import { BgpPart } from "./bgp-part.ts";
import type { BgpKnown } from "./bgp-ports.ts";
import type { SessionGauge } from "./bgp-sessions.ts";
import { type GroupChange, ownEndpoint, planGroups } from "./group-plan.ts";
import { Journal } from "./journal.ts";
import { parseKeptView } from "./kept-view.ts";
import { NodeState } from "./node-state.ts";
import { type AgentChange, ownGroups, planAnnouncements } from "./plan.ts";
import type { AddressReport, AgentSpeaker, GroupReport, SpeakerReport } from "./ports.ts";
import { keptName, type Source, SourceChoice } from "./source-choice.ts";
import { StatusWriter, type WriterView } from "./status-writer.ts";

/** How long an agent that ends goes on answering while its addresses are moved. */
export const leaveMs = 2_000;

/** Tells one node's speaker which addresses its groups vote on, and says in its VIPNode what the speaker holds. */
export class Agent {
  readonly #parts: AgentParts;
  readonly #speaker: AgentSpeaker;
  readonly #loop: PlanningLoop<AgentJob>;
  readonly #state = new NodeState();
  readonly #journal: Journal;
  readonly #status: StatusWriter;
  readonly #source: SourceChoice;
  readonly #bgp: BgpPart;
  readonly #failed = Promise.withResolvers<never>();
  #ready = false;
  #leaving = false;
  #left: () => void = () => {};
  #renewedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    this.#journal = new Journal(parts);
    this.#status = new StatusWriter(parts, this.#state.states);
    this.#source = new SourceChoice(parts);
    this.#bgp = new BgpPart(parts, this.#journal, (command) => this.#speaker.send(command));
    const kept = parseKeptView(parts.kept.read(keptName), parts.parseEndpoint);
    if (kept !== undefined) this.#state.peers.recall(kept);
    if (kept?.bgp !== undefined) this.#bgp.recall(kept.bgp);
    this.#loop = new PlanningLoop<AgentJob>({
      plan: () => this.#plan(),
      apply: (job) => this.#apply(job),
      onFailure: ({ kind }, err, retryInMs) => parts.log.warn({ kind, err, retryInMs }, "agent job failed"),
      clock: parts.clock,
      random: parts.random,
      concurrency: 8,
    });
    this.#speaker = parts.openSpeaker((report) => this.#hear(report), this.#failed.reject);
  }

  /** Something that the agent sees has changed. */
  wake(): void {
    this.#loop.wake();
  }

  /** The API server gave a decisive answer to anything. */
  apiAnswered(): void {
    this.#speaker.send({ kind: "apiAnswered" });
  }

  /** How many addresses the speaker answers for. */
  announcedAddresses(): number {
    return this.#state.answering();
  }

  /** Whether each group of the node has a quorum, by name. */
  quorums(): ReadonlyMap<string, boolean> {
    return this.#state.states.quorums();
  }

  /** The node's BGP sessions. */
  bgpSessions(): readonly SessionGauge[] {
    return this.#bgp.gauges();
  }

  /** Why the node cannot take part yet, or undefined. */
  unready(): string | undefined {
    const { cluster, clock, lease, leaseDurationMs } = this.#parts;
    if (!cluster.synced()) return "advertisements, groups or own node not read yet";
    if (clock.monotonicMs() >= (lease.renewedMs() ?? Number.NEGATIVE_INFINITY) + leaseDurationMs)
      return "lease not renewed";
    const without = [...this.quorums()].flatMap(([group, has]) => (has ? [] : [group]));
    return without.length === 0 ? undefined : `no quorum in ${without.join(", ")}`;
  }

  /**
   * Runs until the signal aborts; then goes on answering until its addresses have been moved or 2 s have passed, withdraws
   * what is left, gives up the Lease and resolves. Routers keep the routes for the next agent, but not if the node is about to go.
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
      const routesStay = this.#bgp.routesStay();
      await this.#speaker.close();
      await this.#parts.lease.release(routesStay);
    }
    await running;
  }

  async #leave(): Promise<void> {
    const { clock, lease, log } = this.#parts;
    this.#leaving = true;
    log.info({ addresses: this.announcedAddresses() }, "agent leaving");
    this.#speaker.send({ kind: "leave" });
    lease.leave();
    const departed = this.#bgp.departed();
    await new Promise<void>((resolve) => {
      const cancel = clock.setTimer(leaveMs, resolve);
      this.#left = () => {
        cancel();
        resolve();
      };
    });
    await departed;
    this.#bgp.leaveForGood();
  }

  #plan(): Planned<AgentJob> {
    const { node, clock, lease } = this.#parts;
    const { links } = this.#state;
    const nowMs = clock.monotonicMs();
    const source = this.#source.at(nowMs);
    if (links === undefined || source === undefined) return { jobs: [], wakeInMs: this.#source.lookInMs(nowMs) };
    this.#begin(source, nowMs);
    for (const settled of this.#state.states.settle(nowMs)) this.#journal.quorumChanged(settled);
    const { drain, advertisements, groups, live } = source;
    const { held, peers, told } = this.#state;
    const { announcedBefore } = this.#status;
    const resting = this.#state.failures.resting(nowMs);
    const view = { node, advertisements, groups, ...links, held, announcedBefore, drain, resting };
    this.#state.setGroups(ownGroups(view), node, nowMs);
    peers.remember(source.endpoints ?? new Map());
    const careful = { ...view, groups: groups.map((group) => this.#asForced(group)) };
    const changes = [...planGroups(view, peers, told), ...planAnnouncements(careful)];
    const asks = changes.map(askJob);
    const { sessionsBefore } = this.#status;
    const bgp = this.#bgp.plan({ ...view, live, sessionsBefore, ...(source.bgp && { bgp: source.bgp }) });
    const said = { ...view, ...(bgp.status && { bgp: bgp.status }) };
    const [status, statusInMs] = this.#planStatus(said, asks.length + bgp.jobs.length > 0, nowMs);
    const [keep, keepInMs] = this.#planKeeping(drain, bgp.known, nowMs);
    const jobs = [
      ...asks,
      ...bgp.jobs,
      ...wishedJobs(ownGroups(view), this.#state.wished),
      ...renewedJob(ownGroups(view), lease.renewedMs(), this.#renewedMs),
      ...readJobs(peers.due(nowMs)),
      ...status,
      ...keep,
    ];
    const { states, failures } = this.#state;
    const looks = [peers, states, failures, this.#source].map((each) => each.lookInMs(nowMs));
    return { jobs, wakeInMs: Math.min(...looks, bgp.inMs, statusInMs, keepInMs) };
  }

  /** Addresses of a list that follows a forced one are planned as under that, as long as whom it left out may answer. */
  #asForced(group: Group): Group {
    return this.#state.states.now(group.name)?.forced ? { ...group, forced: true } : group;
  }

  #begin({ live }: Source, nowMs: number): void {
    this.#status.look();
    if (!live || this.#ready) return;
    this.#ready = true;
    this.#status.begin(nowMs);
    this.#parts.log.info({}, "agent ready");
  }

  #planStatus(view: WriterView, asking: boolean, nowMs: number): readonly [readonly AgentJob[], number] {
    if (this.#leaving || !this.#ready) return [[], Number.POSITIVE_INFINITY];
    const [change, inMs] = this.#status.plan(view, asking, nowMs);
    return [change === undefined ? [] : [{ kind: "status", change, keys: ["status"] }], inMs];
  }

  #planKeeping(drain: boolean, bgp: BgpKnown | undefined, nowMs: number): readonly [readonly AgentJob[], number] {
    const known = { drain, endpoints: this.#state.peers.endpoints, ...(bgp && { bgp }) };
    const [kept, inMs] = this.#source.toKeep(known, nowMs);
    return [kept === undefined ? [] : [{ kind: "keep", view: kept, keys: ["keep"] }], inMs];
  }

  async #apply(job: AgentJob): Promise<JobResult> {
    const { clock, electorate, kept } = this.#parts;
    switch (job.kind) {
      case "ask":
        this.#ask(job.change);
        return "done";
      case "wished":
        this.#speaker.send({ kind: "wished", group: job.group });
        this.#state.wished.set(job.group, job.uid);
        return "done";
      case "renewed":
        this.#renewedMs = job.atMs;
        this.#speaker.send({ kind: "leaseRenewed", atMs: job.atMs });
        return "done";
      case "readEndpoint":
        this.#state.peers.read(job.node, await electorate.readEndpoint(job.node), clock.monotonicMs());
        return "done";
      case "status":
        return (await this.#status.write(job.change)) === "written" ? "done" : "stale";
      case "keep":
        kept.write(keptName, job.view);
        return "done";
      default:
        return await this.#bgp.apply(job);
    }
  }

  #ask(change: AgentChange | GroupChange): void {
    this.#parts.log.debug(describedChange(change), "speaker asked");
    this.#speaker.send(change);
    this.#state.asked(change);
  }

  #hear(report: SpeakerReport): void {
    const { cluster, metrics } = this.#parts;
    switch (report.kind) {
      case "counters":
        metrics.speakerCounted(report.counters, report.peers);
        break;
      case "takeOver":
        metrics.tookOver(report.afterMs);
        break;
      case "witness":
        void this.#askWitness(report);
        break;
      case "readList":
        void cluster.readGroup(report.group).then(() => this.wake());
        break;
      case "left":
        this.#left();
        break;
      case "bgpSession":
        this.#bgp.hear(report);
        this.wake();
        break;
      case "bgpTrouble":
        this.#bgp.hearTrouble(report);
        this.wake();
        break;
      case "trouble":
        this.#journal.speakerInTrouble(report.about, report.message);
        break;
      default:
        this.#hearOfNode(report);
        this.wake();
    }
  }

  async #askWitness({ group, request }: Extract<SpeakerReport, { kind: "witness" }>): Promise<void> {
    const answer = await this.#parts.electorate.askWitness(group, request);
    this.#speaker.send({ kind: "witnessAnswer", group, answer });
  }

  #hearOfNode(report: AddressReport | GroupReport | Extract<SpeakerReport, { kind: "key" | "interfaces" }>): void {
    switch (report.kind) {
      case "key":
        this.#state.publicKey = report.publicKey;
        this.#sayEndpoint();
        break;
      case "interfaces":
        this.#state.setInterfaces(report.interfaces);
        this.#sayEndpoint();
        break;
      case "groupState":
        this.#state.hearOfGroup(report, this.#parts.clock.monotonicMs());
        break;
      default:
        for (const news of this.#state.hearOfAddress(report, this.#parts.clock.monotonicMs()))
          this.#journal.note(report.address, news);
    }
  }

  #sayEndpoint(): void {
    const { lease, heartbeatPort: port } = this.#parts;
    const { links, publicKey: key } = this.#state;
    if (links !== undefined && key !== undefined) lease.sayEndpoint(ownEndpoint(links.interfaces, { port, key }));
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
