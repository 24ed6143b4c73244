import {
  type GroupFacts,
  hasQuorum,
  isDeaf,
  isHeard,
  isInUse,
  isShort,
  lives,
  type Nodes,
  usedMs,
  usesList,
  type Witness,
  witnessMs,
} from "../announce/group-facts.ts";
import type { Group } from "../api/vip-group.ts";
import { Lasting } from "./lasting.ts";

/** Rule 22: a member whose Lease has been still for so long is no voter any more. */
const lostMs = 60_000;

/** Rule 21: with too few members for so long the others are left out. */
const shortMs = 30_000;

/** So long nobody hears anybody before the members go by their Leases, and so long they hear each other before they vote again. */
const deafMs = 30_000;

/** What is known of the groups at one moment; `forMs` is for how long a node's agent has been as it is. */
export type GroupSight = {
  readonly groups: readonly Group[];
  readonly nodes: Nodes;
  readonly witnesses: readonly Witness[];
  readonly forMs: (node: string) => number;
};

/** Tells of the groups what only time tells, on one monotonic clock in ms. */
export class GroupSightings {
  readonly #used = new Lasting(usedMs);
  readonly #named = new Lasting(witnessMs);
  readonly #deaf = new Lasting(deafMs);
  readonly #hearing = new Lasting(deafMs);

  /** The facts now, and how long until time alone changes them, in ms; undefined: never. */
  at(sight: GroupSight, nowMs: number): { readonly facts: GroupFacts; readonly changesInMs: number | undefined } {
    const { nodes } = sight;
    const voting = sight.groups.filter(({ byLease }) => !byLease);
    const which = (groups: readonly Group[]): readonly string[] => groups.map(({ name }) => name);
    this.#used.at(
      voting.flatMap((group) => usesOf(group, nodes)),
      nowMs,
    );
    this.#named.at(sight.witnesses.map(voters), nowMs);
    const dead = deadMembers(voting, sight);
    const short = voting
      .filter((group) => isShort(group, nodes))
      .map((group) => ({ group, forMs: shortFor(group, sight) }));
    const facts: GroupFacts = {
      settled: new Set(which(voting.filter((group) => this.#isInUse(group, nowMs)))),
      lost: new Set(dead.filter(({ forMs }) => forMs >= lostMs).map(({ key }) => key)),
      short: new Set(which(short.filter(({ forMs }) => forMs >= shortMs).map(({ group }) => group))),
      deaf: this.#deaf.at(which(voting.filter((group) => isDeaf(group, nodes))), nowMs),
      hearing: this.#hearing.at(which(voting.filter((group) => hasQuorum(group, nodes))), nowMs),
    };
    const lasting = [this.#used, this.#named, this.#deaf, this.#hearing].map((each) => each.changesInMs(nowMs));
    const left = [...dead.map(({ forMs }) => lostMs - forMs), ...short.map(({ forMs }) => shortMs - forMs)];
    return { facts, changesInMs: soonest([...lasting, ...left.filter((ms) => ms > 0)]) };
  }

  #isInUse(group: Group, nowMs: number): boolean {
    const since = group.members.map((name) => [name, this.#used.sinceMs(useOf(group, name))] as const);
    const usedSinceMs = new Map(since.flatMap(([name, ms]) => (ms === undefined ? [] : [[name, ms] as const])));
    const witnessSinceMs = this.#named.sinceMs(voters({ group: group.name, members: group.members }));
    return isInUse(group, { usedSinceMs, witnessSinceMs }, nowMs);
  }
}

/** The members that use the present list, each use by a name of its own. */
function usesOf(group: Group, { vipNodes }: Nodes): readonly string[] {
  return group.members.filter((name) => usesList(group, vipNodes.get(name))).map((name) => useOf(group, name));
}

function useOf({ uid, epoch }: Group, member: string): string {
  return `${uid} ${epoch} ${member}`;
}

function voters({ group, members }: Witness): string {
  return `${group} ${members.join()}`;
}

type Dead = { readonly key: string; readonly forMs: number };

function deadMembers(groups: readonly Group[], { nodes, forMs }: GroupSight): readonly Dead[] {
  return groups.flatMap((group) =>
    group.members
      .filter((name) => !lives(name, nodes) && !isHeard(group, name, nodes))
      .map((name) => ({ key: `${group.name} ${name}`, forMs: forMs(name) })),
  );
}

/** For how long there have been just these living members. */
function shortFor({ members }: Group, { forMs }: GroupSight): number {
  return Math.min(...members.map(forMs));
}

function soonest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
