import type { GroupFacts } from "../../../src/announce/group-facts.ts";
import { type Load, loadOf } from "../../../src/announce/group-lans.ts";
import type { Group, GroupSpec } from "../../../src/api/vip-group.ts";
import { pool } from "../../support/builders.ts";

type Told = { readonly [Fact in keyof GroupFacts]?: readonly (Group | string)[] };

/** What time has told: nothing but this; groups are given as they are or by name. */
export function facts(told: Told = {}): GroupFacts {
  const names = (all: readonly (Group | string)[] = []): ReadonlySet<string> =>
    new Set(all.map((each) => (typeof each === "string" ? each : each.name)));
  return {
    settled: names(told.settled),
    lost: names(told.lost),
    short: names(told.short),
    deaf: names(told.deaf),
    hearing: names(told.hearing),
  };
}

/** Who votes by a list: its members, and the witness. */
export function votersOf({ members, witness }: GroupSpec): readonly string[] {
  return witness ? [...members, "(witness)"] : members;
}

/** Who votes by one of two lists and not by the other. */
export function changedVoters(before: GroupSpec, after: GroupSpec): readonly string[] {
  const [was, is] = [votersOf(before), votersOf(after)];
  return [...was.filter((name) => !is.includes(name)), ...is.filter((name) => !was.includes(name))];
}

/** A pool of which every interface with a subnet of its own can carry something. */
export const everywhere: Load = loadOf([pool({ addresses: ["0.0.0.0/0", "::/0"] })], []);
