import { type GroupSpec, largestGroup } from "../api/vip-group.ts";

/** Who shall be a voter and is not, and who is and shall not be. */
export type VoterWishes = { readonly leaving: readonly string[]; readonly joining: readonly string[] };

/**
 * The next list, which differs by one voter, a member or the witness; undefined: it is as it shall be. Rule 22: whoever leaves
 * goes before anybody comes, and the witness, which makes the number of voters odd, comes and goes after the members.
 *
 * | list | wish | next |
 * |---|---|---|
 * | A B C | C leaves | A B |
 * | A B | | A B + witness |
 * | A B + witness | C joins | A B C + witness |
 * | A B C + witness | | A B C |
 */
export function nextList(list: GroupSpec, { leaving, joining }: VoterWishes): GroupSpec | undefined {
  const { members } = list;
  const [gone] = leaving;
  if (gone !== undefined) return changed(list, { members: members.filter((name) => name !== gone) });
  const [newcomer] = joining;
  if (newcomer !== undefined && members.length < largestGroup)
    return changed(list, { members: [...members, newcomer] });
  const witness = needsWitness(members);
  return witness === list.witness ? undefined : changed(list, { witness });
}

/** Whether a list of these members takes the witness to have an odd number of voters. */
export function needsWitness(members: readonly string[]): boolean {
  return members.length % 2 === 0;
}

/** Rule 21: the list of these members alone, whoever else was a voter. */
export function forcedList(list: GroupSpec, members: readonly string[]): GroupSpec {
  return { ...list, members, witness: false, forced: true };
}

function changed(
  { name, lan, members, witness, byLease }: GroupSpec,
  change: Partial<Pick<GroupSpec, "members" | "witness">>,
): GroupSpec {
  return { name, lan, members, witness, forced: false, byLease, ...change };
}
