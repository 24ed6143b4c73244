import type { ClusterNode } from "../api/node.ts";
import { type Group, type GroupSpec, largestGroup } from "../api/vip-group.ts";
import type { VipNode } from "../api/vip-node.ts";
import { objectName } from "../net/address.ts";
import { parsePrefix } from "../net/prefix.ts";
import { hasReported, type Liveness } from "./eligibility.ts";
import { type GroupFacts, lives, type Nodes } from "./group-facts.ts";
import { carryingInterfaces, type Load } from "./group-lans.ts";
import { forcedList, needsWitness, nextList } from "./group-list.ts";
import { type Carrying, type NodePlace, nodePlaces } from "./group-places.ts";

/** One write of a VIPGroup; a replacement differs by one voter, unless it is forced. */
export type GroupChange =
  | { readonly kind: "create"; readonly group: GroupSpec }
  | { readonly kind: "replace"; readonly before: Group; readonly group: GroupSpec }
  | { readonly kind: "delete"; readonly group: Group };

/** The writes, and the groups as they are after them, so that new addresses can be placed before the writes are seen. */
export type GroupPlan = { readonly changes: readonly GroupChange[]; readonly groups: readonly GroupSpec[] };

/** All that groups are made of. */
export type GroupView = {
  readonly vipNodes: readonly VipNode[];
  readonly nodes: readonly ClusterNode[];
  /** By node name; absent: unknown. */
  readonly liveness: ReadonlyMap<string, Liveness>;
  readonly groups: readonly Group[];
  readonly facts: GroupFacts;
  readonly load: Load;
};

/** A view with what every LAN of it needs, made once. */
type Scene = GroupView & { readonly seen: Nodes; readonly places: readonly NodePlace[] };

/**
 * Spreads the nodes of each LAN over groups of at most seven. Groups are sticky: a live node joins the first group with
 * room, at the end; a member leaves when its Node and VIPNode are gone, when it lives and is no longer on that LAN, or when it
 * is lost.
 * One voter changes at a time, and only in a list that is in use; a list that is short is forced. Nodes that find no room
 * form new groups of equal size. A node that does not vote joins no group that does. Where the members of a group are deaf,
 * each gets a group of its own besides, until they hear each other. Only a LAN that carries addresses has groups: some node
 * would announce one there that a pool can give or somebody holds, or one is in a group of it. Gives back the very same groups
 * if nothing changes.
 */
export function planGroups(view: GroupView): GroupPlan {
  const voting = view.groups.filter(({ byLease }) => !byLease);
  const seen = { vipNodes: new Map(view.vipNodes.map((node) => [node.name, node])), liveness: view.liveness };
  const scene: Scene = { ...view, seen, places: nodePlaces(seen, voting, carryingOf(view)) };
  const carrying = carryingLans(scene);
  const idle = view.groups.filter(({ lan }) => !carrying.has(lan));
  const changes = [
    ...idle.map((group): GroupChange => ({ kind: "delete", group })),
    ...[...carrying].sort().flatMap((lan) => lanChanges(lan, scene)),
  ];
  return changes.length === 0 ? { changes, groups: view.groups } : { changes, groups: applied(view.groups, changes) };
}

/** The LANs that carry addresses, or may do so as far as is known: of nodes that have not reported it is not. */
function carryingLans({ groups, load, nodes, places, seen }: Scene): ReadonlySet<string> {
  const reported = new Set([...seen.vipNodes.values()].filter(hasReported).map(({ name }) => name));
  const silent = new Set(nodes.map(({ name }) => name).filter((name) => !reported.has(name)));
  const kept = groups.filter(
    ({ name, members }) => load.occupied.has(name) || members.some((member) => silent.has(member)),
  );
  return new Set([...kept.map(({ lan }) => lan), ...places.flatMap(({ carries }) => [...carries])]);
}

function carryingOf({ nodes, load }: GroupView): Carrying {
  const named = new Map(nodes.map((node) => [node.name, node]));
  return (vipNode) => carryingInterfaces(vipNode, named.get(vipNode.name), load.spans);
}

function lanChanges(lan: string, scene: Scene): readonly GroupChange[] {
  const all = scene.groups.filter((group) => group.lan === lan).toSorted(byName);
  const groups = all.filter(({ byLease }) => !byLease);
  const takes = seats(lan, groups, scene);
  const changes = groups.flatMap((group) => groupChange(group, takes, scene) ?? []);
  const own = ownGroups(lan, all, scene);
  const taken = new Set([...all.map(({ name }) => name), ...changes.map(({ group }) => group.name)]);
  return [...changes, ...own.deletions, ...newGroups(lan, [...takes.unseated, ...own.nodes], taken)];
}

/** Who sits where: the members that stay and those that may join, by the group's name; and the lists of new groups. */
type Seats = {
  readonly staying: ReadonlyMap<string, readonly string[]>;
  readonly joining: ReadonlyMap<string, readonly string[]>;
  readonly unseated: readonly NewList[];
};

type NewList = Pick<GroupSpec, "members" | "byLease">;

function seats(lan: string, groups: readonly Group[], scene: Scene): Seats {
  const staying = stayingMembers(lan, groups, scene);
  const grouped = new Set([...staying.values()].flat());
  const waiting = scene.places
    .filter(({ judged, founds }) => judged || (founds && groups.length === 0))
    .filter(({ name, lans }) => lans.get(lan) === true && !grouped.has(name));
  const joining = new Map<string, readonly string[]>();
  let left: readonly NodePlace[] = waiting;
  for (const { name, members } of groups) {
    if (staying.get(name)?.length === 0) continue;
    const elects = members.some((member) => scene.seen.vipNodes.get(member)?.groups !== undefined);
    const room = largestGroup - (staying.get(name)?.length ?? 0);
    const next = left.filter((place) => place.votes || !elects).slice(0, room);
    left = left.filter((place) => !next.includes(place));
    joining.set(name, namesOf(next));
  }
  return {
    staying,
    joining,
    unseated: [true, false].flatMap((votes) => evenLists(left.filter((place) => place.votes === votes))),
  };
}

/** The members of each group that stay; a node counts in the first group that has it. */
function stayingMembers(
  lan: string,
  groups: readonly Group[],
  { places, facts, nodes, seen: known }: Scene,
): ReadonlyMap<string, readonly string[]> {
  const judged = new Set(places.map(({ name }) => name));
  const there = new Set([
    ...namesOf(places.filter((place) => !place.judged || place.lans.has(lan))),
    ...nodes.map(({ name }) => name).filter((name) => !judged.has(name)),
  ]);
  const seen = new Set<string>();
  return new Map(
    groups.map(({ name: group, members }) => {
      const survives = members.some((name) => there.has(name) && lives(name, known));
      const stay = members.filter(
        (name) => there.has(name) && !seen.has(name) && !(survives && facts.lost.has(`${group} ${name}`)),
      );
      for (const name of stay) seen.add(name);
      return [group, stay];
    }),
  );
}

function groupChange(before: Group, { staying, joining }: Seats, { facts, seen }: Scene): GroupChange | undefined {
  const stay = staying.get(before.name) ?? [];
  if (stay.length === 0) return { kind: "delete", group: before };
  if (facts.short.has(before.name)) {
    const living = before.members.filter((name) => lives(name, seen));
    return { kind: "replace", before, group: forcedList(specOf(before), living) };
  }
  if (!facts.settled.has(before.name)) return undefined;
  const leaving = before.members.filter((name) => !stay.includes(name));
  const group = nextList(specOf(before), { leaving, joining: joining.get(before.name) ?? [] });
  return group === undefined ? undefined : { kind: "replace", before, group };
}

function specOf({ name, lan, members, witness, forced, byLease }: Group): GroupSpec {
  return { name, lan, members, witness, forced, byLease };
}

/** Groups of one, by Lease: for whom they are needed, and those that are not any more. */
function ownGroups(
  lan: string,
  all: readonly Group[],
  { facts, places }: Scene,
): { readonly nodes: readonly NewList[]; readonly deletions: readonly GroupChange[] } {
  const own = all.filter(({ byLease }) => byLease);
  const alone = new Set(own.flatMap(({ members }) => members));
  const deaf = all.filter(
    ({ name, byLease, members }) =>
      !byLease && (facts.deaf.has(name) || (members.some((each) => alone.has(each)) && !facts.hearing.has(name))),
  );
  const needing = new Set(deaf.flatMap(({ members }) => members));
  const there = places.filter(({ judged, votes, lans }) => judged && votes && lans.get(lan) === true);
  return {
    nodes: namesOf(there)
      .filter((name) => needing.has(name) && !alone.has(name))
      .map((name) => ({ members: [name], byLease: true })),
    deletions: own
      .filter(({ members }) => !members.some((name) => needing.has(name)))
      .map((group) => ({ kind: "delete", group })),
  };
}

function evenLists(places: readonly NodePlace[]): readonly NewList[] {
  const count = Math.ceil(places.length / largestGroup);
  return Array.from({ length: count }, (_, i) => ({
    members: namesOf(places).filter((_name, place) => place % count === i),
    byLease: false,
  }));
}

/** Nobody votes in them yet, so that they may have all their voters at once. */
function newGroups(lan: string, lists: readonly NewList[], taken: ReadonlySet<string>): readonly GroupChange[] {
  const names = freeNames(lan, taken, lists.length);
  return lists.flatMap(({ members, byLease }, i): readonly GroupChange[] => {
    const name = names[i];
    if (name === undefined) return [];
    const witness = needsWitness(members);
    return [{ kind: "create", group: { name, lan, members, witness, forced: false, byLease } }];
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

function namesOf(places: readonly NodePlace[]): readonly string[] {
  return places.map(({ name }) => name);
}

function applied(groups: readonly Group[], changes: readonly GroupChange[]): readonly GroupSpec[] {
  const written = changes.flatMap((change) => (change.kind === "delete" ? [] : [change.group]));
  const replaced = new Set(changes.map(({ group }) => group.name));
  return [...groups.filter(({ name }) => !replaced.has(name)), ...written];
}

function byName(a: Group, b: Group): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}
