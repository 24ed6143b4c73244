import type { Group } from "../api/vip-group.ts";
import type { VipNode } from "../api/vip-node.ts";
import { objectName } from "../net/address.ts";
import { parsePrefix } from "../net/prefix.ts";
import { hasReported, type Liveness } from "./eligibility.ts";
import { lanNames } from "./lan.ts";

/** What a VIPGroup says. */
export type GroupSpec = Pick<Group, "name" | "lan" | "members">;

/** One write of a VIPGroup; a replacement differs by one member. */
export type GroupChange =
  | { readonly kind: "create"; readonly group: GroupSpec }
  | { readonly kind: "replace"; readonly before: Group; readonly group: GroupSpec }
  | { readonly kind: "delete"; readonly group: Group };

/** The writes, and the groups as they are after them, so that new addresses can be placed before the writes are seen. */
export type GroupPlan = { readonly changes: readonly GroupChange[]; readonly groups: readonly GroupSpec[] };

/** All that groups are made of. */
export type GroupView = {
  readonly vipNodes: readonly VipNode[];
  /** By node name; absent: unknown. */
  readonly liveness: ReadonlyMap<string, Liveness>;
  readonly groups: readonly Group[];
};

/** The most members that a group may have. */
export const largestGroup = 7;

/**
 * Spreads the nodes of each LAN over groups of at most seven. Groups are sticky: a live node joins the first group with
 * room, one a plan; a member leaves when its VIPNode is gone or it lives and is no longer on that LAN, never because it is
 * down. An interface of several networks counts for that of a group which its node is in, else for one that has groups. Nodes that find no room form new groups of equal size. Gives back the very same groups if nothing changes.
 */
export function planGroups(view: GroupView): GroupPlan {
  const nodes = placesOf(view);
  const lans = new Set([...view.groups.map(({ lan }) => lan), ...nodes.flatMap((node) => [...node.lans.keys()])]);
  const changes = [...lans].sort().flatMap((lan) => lanChanges(lan, nodes, view.groups));
  return changes.length === 0 ? { changes, groups: view.groups } : { changes, groups: applied(view.groups, changes) };
}

function lanChanges(lan: string, nodes: readonly NodePlace[], all: readonly Group[]): readonly GroupChange[] {
  const groups = all.filter((group) => group.lan === lan).toSorted(byName);
  const staying = stayingMembers(groups, new Set(namesOf(nodes.filter((node) => !node.judged || node.lans.has(lan)))));
  const grouped = new Set(staying.flatMap(({ members }) => members));
  const joining = namesOf(nodes.filter((node) => node.judged && node.lans.get(lan) === true)).filter(
    (name) => !grouped.has(name),
  );
  const changes: GroupChange[] = [];
  let waiting = 0;
  for (const { group, members } of staying) {
    const room = largestGroup - members.length;
    const next = joining.slice(waiting, waiting + room);
    waiting += next.length;
    const change = groupChange(group, members, next[0]);
    if (change !== undefined) changes.push(change);
  }
  return [...changes, ...newGroups(lan, joining.slice(waiting), new Set(groups.map(({ name }) => name)))];
}

type Staying = { readonly group: Group; readonly members: readonly string[] };

/** The members of each group that stay; a node counts in the first group that has it. */
function stayingMembers(groups: readonly Group[], mayStayThere: ReadonlySet<string>): readonly Staying[] {
  const seen = new Set<string>();
  return groups.map((group) => {
    const members = group.members.filter((name) => mayStayThere.has(name) && !seen.has(name));
    for (const name of members) seen.add(name);
    return { group, members };
  });
}

/** One member a write: first those that leave, then one that joins. */
function groupChange(before: Group, members: readonly string[], joining: string | undefined): GroupChange | undefined {
  const leaving = before.members.find((name) => !members.includes(name));
  if (leaving === undefined && joining === undefined) return undefined;
  const after =
    leaving === undefined
      ? [...before.members, ...(joining === undefined ? [] : [joining])]
      : before.members.toSpliced(before.members.indexOf(leaving), 1);
  if (after.length === 0) return { kind: "delete", group: before };
  return { kind: "replace", before, group: { name: before.name, lan: before.lan, members: after } };
}

function newGroups(lan: string, nodes: readonly string[], taken: ReadonlySet<string>): readonly GroupChange[] {
  const count = Math.ceil(nodes.length / largestGroup);
  const names = freeNames(lan, taken, count);
  return names.map((name, i) => {
    const members = nodes.filter((_, place) => place % count === i);
    return { kind: "create", group: { name, lan, members } };
  });
}

function freeNames(lan: string, taken: ReadonlySet<string>, count: number): readonly string[] {
  const prefix = parsePrefix(lan);
  if (prefix === undefined) return [];
  const stem = `${objectName(prefix.address)}-${prefix.length}`;
  const names: string[] = [];
  for (let number = 1; names.length < count; number++)
    if (!taken.has(`${stem}-${number}`)) names.push(`${stem}-${number}`);
  return names;
}

/** The LANs of a node, and of each whether an interface that is up leads there. */
type NodePlace = {
  readonly name: string;
  /** Its agent lives and has said what it sees; of any other it is not known whether it has left a LAN. */
  readonly judged: boolean;
  readonly lans: ReadonlyMap<string, boolean>;
};

function placesOf({ vipNodes, liveness, groups }: GroupView): readonly NodePlace[] {
  const grouped = new Set(groups.map(({ lan }) => lan));
  const joined = new Set(groups.flatMap(({ lan, members }) => members.map((name) => `${lan} ${name}`)));
  return vipNodes.map((node) => {
    const lans = new Map<string, boolean>();
    for (const each of node.interfaces) {
      const known = lanNames(each);
      const lan =
        known.find((name) => joined.has(`${name} ${node.name}`)) ?? known.find((name) => grouped.has(name)) ?? known[0];
      if (lan !== undefined) lans.set(lan, each.up || lans.get(lan) === true);
    }
    return { name: node.name, judged: liveness.get(node.name) === "alive" && hasReported(node), lans };
  });
}

function namesOf(nodes: readonly NodePlace[]): readonly string[] {
  return nodes.map(({ name }) => name).sort();
}

function applied(groups: readonly Group[], changes: readonly GroupChange[]): readonly GroupSpec[] {
  const written = changes.flatMap((change) => (change.kind === "delete" ? [] : [change.group]));
  const replaced = new Set(changes.map(({ group }) => group.name));
  return [...groups.filter(({ name }) => !replaced.has(name)), ...written];
}

function byName(a: Group, b: Group): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}
