import type { LooseArp } from "../announce/strict-arp.ts";
import { drainedCondition, type NodeBgpSession, type VipNode, type VipNodeStatus } from "../api/vip-node.ts";
import type { AgentParts } from "./agent-parts.ts";
import type { BgpStatus } from "./bgp-status.ts";
import type { GroupStates } from "./group-states.ts";
import { announcedKeys, awaitsSessions, awaitsVotes, type NodeLinks, nodeStatus, sameStatus } from "./node-status.ts";
import { type NodeView, ownGroups } from "./plan.ts";

/** So long after its start a node may find by votes again what it announced before, until its status says that it does not. */
export const resumeMs = 3_000;

/** A write of the status is followed by a rest of so many times what it took, so that a burst costs few of them. */
const restPerWrite = 4;
const longestRestMs = 200;

/** The kernel tells nobody of a changed setting: it is looked again so often. */
const arpLookMs = 10_000;

type WriterParts = Pick<AgentParts, "ownNode" | "clock" | "looseArp">;

/** All that is said of a node. */
export type WriterView = NodeView & NodeLinks & { readonly bgp?: BgpStatus };

/** A status that is to be written over the object that was read. */
export type StatusChange = { readonly read: VipNode; readonly status: VipNodeStatus };

/** Decides when the VIPNode's status is written, and writes it. All times are ms of the monotonic clock. */
export class StatusWriter {
  readonly #parts: WriterParts;
  readonly #states: GroupStates;
  #announcedBefore: ReadonlySet<string> | undefined;
  #sessionsBefore: readonly NodeBgpSession[] | undefined;
  #resumesUntilMs = Number.POSITIVE_INFINITY;
  #nextMs = 0;
  #arp: { readonly interfaces: NodeLinks["interfaces"]; readonly atMs: number; readonly loose?: LooseArp } | undefined;

  constructor(parts: WriterParts, states: GroupStates) {
    this.#parts = parts;
    this.#states = states;
  }

  /** The names of the advertisements that the node announced before its agent started. */
  get announcedBefore(): ReadonlySet<string> {
    return this.#announcedBefore ?? new Set();
  }

  /** The sessions that the node had before its agent started; none after a drain; undefined: not known yet. */
  get sessionsBefore(): readonly NodeBgpSession[] | undefined {
    return this.#sessionsBefore;
  }

  /** Takes note of what the stored status announces, as soon as there is one. */
  look(): void {
    const own = this.#parts.ownNode.read();
    this.#announcedBefore ??= own && new Set(announcedKeys(own));
    this.#sessionsBefore ??= own && (isDrained(own) ? [] : (own.bgp ?? []));
  }

  /** The agent takes part from now on. */
  begin(nowMs: number): void {
    this.#resumesUntilMs = nowMs + resumeMs;
  }

  /** What to write now, if anything, and how long until there may be more by time alone; `asking`: the speaker is being told more. */
  plan(view: WriterView, asking: boolean, nowMs: number): readonly [StatusChange | undefined, inMs: number] {
    const read = this.#parts.ownNode.read();
    if (read === undefined) return [undefined, Number.POSITIVE_INFINITY];
    const resumesMs = this.#resumesUntilMs - nowMs;
    if (resumesMs > 0 && (asking || this.#awaits(view))) return [undefined, resumesMs];
    const groupStates = this.#states.list(ownGroups(view), read.groups ?? []);
    const loose = this.#looseArp(view, nowMs);
    const report = { ...view, groupStates, ...(loose && { loose }) };
    const status = nodeStatus(report, read, this.#parts.clock.wallMs());
    if (sameStatus(status, read)) return [undefined, arpLookMs];
    const restMs = this.#nextMs - nowMs;
    return restMs > 0 ? [undefined, restMs] : [{ read, status }, arpLookMs];
  }

  /** Of a session only whether it came back in time is asked: until a status was written, the stored one is the old agent's. */
  #awaits(view: WriterView): boolean {
    const stored = this.#sessionsBefore ?? [];
    return awaitsVotes(view.announcedBefore, view.held) || awaitsSessions(stored, view.bgp);
  }

  #looseArp({ interfaces }: NodeLinks, nowMs: number): LooseArp | undefined {
    const known = this.#arp;
    if (known?.interfaces === interfaces && nowMs - known.atMs < arpLookMs) return known.loose;
    const loose = this.#parts.looseArp(interfaces.map(({ name }) => name));
    this.#arp = { interfaces, atMs: nowMs, ...(loose && { loose }) };
    return loose;
  }

  /** @throws {Error} as OwnNode.write does */
  async write({ read, status }: StatusChange): Promise<"written" | "stale"> {
    const { clock, ownNode } = this.#parts;
    const startMs = clock.monotonicMs();
    try {
      return await ownNode.write(read, status);
    } finally {
      const endMs = clock.monotonicMs();
      this.#nextMs = endMs + Math.min(restPerWrite * (endMs - startMs), longestRestMs);
    }
  }
}

function isDrained({ conditions }: VipNode): boolean {
  return conditions.some(({ type, status }) => type === drainedCondition && status === "True");
}
