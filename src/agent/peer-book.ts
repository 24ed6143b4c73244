import type { Group } from "../api/vip-group.ts";
import { type Departed, departedMembers, departedMs, type MemberLists } from "./group-plan.ts";
import type { KeptView } from "./kept-view.ts";
import type { Endpoint, GroupReport } from "./ports.ts";

/** So long a member may be without link before its Lease is read again. */
const unlinkedMs = 1_000;
const retryMs = { first: 500, longest: 10_000 };

type Page = {
  readonly endpoint: Endpoint | undefined;
  /** Since when it is known to be without link; undefined while it is linked. */
  readonly unlinkedSinceMs: number | undefined;
  readonly nextReadMs: number;
  readonly waitMs: number;
};

/**
 * Where the other members of this node's groups hear heartbeats, and whose Lease is to be read for that: at first, and again
 * and again, more and more rarely (0.5 to 10 s), while a member is not linked. At rest nothing is read. Of who left a group
 * what was known stays for 10 minutes, and nothing is read. All times are ms of one monotonic clock.
 */
export class PeerBook {
  readonly #pages = new Map<string, Page>();
  #endpoints: ReadonlyMap<string, Endpoint> = new Map();
  #members: ReadonlySet<string> = new Set();
  #lists: MemberLists = new Map();
  #departed: Departed = new Map();

  /** What is known, by node; the same map until something is read. */
  get endpoints(): ReadonlyMap<string, Endpoint> {
    return this.#endpoints;
  }

  /** Who left which group not long ago. */
  get departed(): Departed {
    return this.#departed;
  }

  /** From now on these are the members of the groups of `node`; a new one is read at once. */
  setGroups(groups: readonly Group[], node: string, nowMs: number): void {
    this.#departed = departedMembers(groups, { lists: this.#lists, departed: this.#departed }, nowMs);
    this.#lists = new Map(groups.map(({ name, members }) => [name, members]));
    const members = new Set(groups.flatMap((group) => group.members));
    members.delete(node);
    const left = new Set([...this.#departed.values()].flat().map((each) => each.node));
    for (const known of this.#pages.keys()) if (!members.has(known) && !left.has(known)) this.#drop(known);
    for (const member of members)
      if (!this.#members.has(member)) this.#write(member, { unlinkedSinceMs: nowMs - unlinkedMs, nextReadMs: nowMs });
    for (const each of left)
      if (!members.has(each)) this.#write(each, { unlinkedSinceMs: undefined, nextReadMs: nowMs });
    this.#members = members;
  }

  /** Takes over from what an earlier process kept who was a member then, and where those hear heartbeats who have left since. */
  recall({ groups, endpoints }: Pick<KeptView, "groups" | "endpoints">): void {
    const members = new Set(groups.flatMap((group) => group.members));
    const left = [...endpoints.keys()].filter((node) => !members.has(node));
    this.#lists = new Map(groups.map((group) => [group.name, [...group.members, ...left]]));
    for (const [node, endpoint] of endpoints)
      this.#set(node, { endpoint, unlinkedSinceMs: undefined, nextReadMs: 0, waitMs: retryMs.first });
  }

  /** Takes over what an earlier process knew. */
  remember(endpoints: ReadonlyMap<string, Endpoint>): void {
    for (const [node, endpoint] of endpoints) {
      const page = this.#pages.get(node);
      if (page !== undefined && page.endpoint === undefined) this.#set(node, { ...page, endpoint });
    }
  }

  /** Takes in who is linked by how the speaker sees a group. */
  note({ linked }: GroupReport, members: readonly string[], nowMs: number): void {
    for (const node of members) {
      const page = this.#pages.get(node);
      if (page === undefined) continue;
      if (linked.includes(node)) this.#pages.set(node, { ...page, unlinkedSinceMs: undefined, waitMs: retryMs.first });
      else if (page.unlinkedSinceMs === undefined)
        this.#pages.set(node, { ...page, unlinkedSinceMs: nowMs, nextReadMs: nowMs + unlinkedMs });
    }
  }

  /** Whose Lease is to be read now. */
  due(nowMs: number): readonly string[] {
    return [...this.#pages].flatMap(([node, page]) => (dueMs(page) <= nowMs ? [node] : []));
  }

  /** How long until somebody is due, or forgotten; Infinity if nobody will be. */
  lookInMs(nowMs: number): number {
    const forgottenMs = [...this.#departed.values()].flat().map(({ sinceMs }) => sinceMs + departedMs);
    const nextMs = Math.min(...[...this.#pages.values()].map(dueMs), ...forgottenMs);
    return Math.max(0, nextMs - nowMs);
  }

  /** A Lease was read; undefined: it said nothing, and what was known stays. */
  read(node: string, endpoint: Endpoint | undefined, nowMs: number): void {
    const page = this.#pages.get(node);
    if (page === undefined) return;
    const waitMs = Math.min(2 * page.waitMs, retryMs.longest);
    const after = { ...page, nextReadMs: nowMs + page.waitMs, waitMs };
    if (endpoint === undefined) this.#pages.set(node, after);
    else this.#set(node, { ...after, endpoint });
  }

  /** What is known of where it is stays. */
  #write(node: string, page: Pick<Page, "unlinkedSinceMs" | "nextReadMs">): void {
    this.#pages.set(node, { endpoint: this.#pages.get(node)?.endpoint, ...page, waitMs: retryMs.first });
  }

  #set(node: string, page: Page): void {
    this.#pages.set(node, page);
    if (page.endpoint !== undefined) this.#endpoints = new Map([...this.#endpoints, [node, page.endpoint]]);
  }

  #drop(node: string): void {
    this.#pages.delete(node);
    if (this.#endpoints.has(node)) this.#endpoints = new Map([...this.#endpoints].filter(([known]) => known !== node));
  }
}

function dueMs({ unlinkedSinceMs, nextReadMs }: Page): number {
  return unlinkedSinceMs === undefined ? Number.POSITIVE_INFINITY : nextReadMs;
}
