import type { GroupChange } from "../announce/groups.ts";
import type { Group, GroupSpec } from "../api/vip-group.ts";
import type { Change } from "./change.ts";
import type { Notice, WitnessLease } from "./ports.ts";

/** The VIPGroups and their witness Leases as they are. */
export type GroupsSeen = { readonly groups: readonly Group[]; readonly witnesses: readonly WitnessLease[] };

/**
 * The writes of VIPGroups and of their witness Leases. A Lease is there before the group that counts it as a voter, names the
 * group's members, and goes after the group has done without.
 */
export function groupChanges(changes: readonly GroupChange[], seen: GroupsSeen): readonly Change[] {
  const leaseOf = new Map(seen.witnesses.map((each) => [each.group, each]));
  const written = new Set(changes.map(({ group }) => group.name));
  const wanted = new Set(
    [...seen.groups, ...changes.flatMap((change) => (change.kind === "delete" ? [] : [change.group]))]
      .filter(({ witness }) => witness)
      .map(({ name }) => name),
  );
  const writes = changes.map((change) =>
    change.kind !== "delete" && change.group.witness && !leaseOf.has(change.group.name)
      ? witnessWrite(change.group)
      : groupWrite(change, seen.groups),
  );
  const standing = seen.groups.filter(({ name, witness }) => witness && !written.has(name));
  return [
    ...writes,
    ...standing.flatMap((group) => witnessChange(group, leaseOf.get(group.name))),
    ...seen.witnesses.filter(({ group }) => !wanted.has(group)).map(witnessDeletion),
  ];
}

function groupWrite(change: GroupChange, groups: readonly Group[]): Change {
  const about = aboutGroup(change.group.name);
  switch (change.kind) {
    case "create":
      return { ...about, kind: "createGroup", group: change.group, notices: blockedNotices(change.group, groups) };
    case "replace":
      return {
        ...about,
        kind: "replaceGroup",
        before: change.before,
        group: change.group,
        notices: change.group.forced ? [forcedNotice(change.before, change.group)] : [],
      };
    case "delete":
      return { ...about, kind: "deleteGroup", group: change.group };
  }
}

function aboutGroup(name: string): { readonly keys: readonly string[]; readonly notices: readonly [] } {
  return { keys: [`group/${name}`], notices: [] };
}

function witnessChange(group: Group, lease: WitnessLease | undefined): readonly Change[] {
  if (lease?.members.join() === group.members.join()) return [];
  return [witnessWrite(group, lease)];
}

function witnessWrite({ name, members }: GroupSpec, before?: WitnessLease): Change {
  return { ...aboutGroup(name), kind: "writeWitness", witness: { group: name, members }, ...(before && { before }) };
}

function witnessDeletion(before: WitnessLease): Change {
  return { ...aboutGroup(before.group), kind: "deleteWitness", before };
}

function blockedNotices({ lan, members, byLease }: GroupSpec, groups: readonly Group[]): readonly Notice[] {
  if (!byLease) return [];
  const voting = groups.filter(
    (each) => each.lan === lan && !each.byLease && each.members.some((name) => members.includes(name)),
  );
  const message =
    `no member hears another on ${lan}, though their Leases are renewed: is UDP 7474 blocked between the nodes? ` +
    "Each holds addresses by its Lease alone until they hear each other";
  return voting.map((group) => ({ ...warning(group), reason: "HeartbeatsBlocked", message }));
}

function forcedNotice(before: Group, { members }: GroupSpec): Notice {
  const gone = before.members.filter((name) => !members.includes(name));
  const message = `too few members live to be a majority: ${members.join(", ")} vote without ${gone.join(", ")}`;
  return { ...warning(before), reason: "GroupForced", message };
}

function warning({ name, uid }: Group): Pick<Notice, "object" | "type"> {
  return { object: { kind: "VIPGroup", name, uid }, type: "Warning" };
}
