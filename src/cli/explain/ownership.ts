import { isGone, type Liveness } from "../../announce/eligibility.ts";
import { type Field, fieldOf, fitOn } from "../../announce/field.ts";
import type { Advertisement } from "../../api/vip-advertisement.ts";
import type { Group } from "../../api/vip-group.ts";
import { sameAddress } from "../../net/address.ts";
import type { NodeField } from "../node-field.ts";
import { areLinked, sightOf, type Votes, type Voting, votesFor } from "../votes.ts";
import { type Ground, groundOf } from "./ground.ts";

/** Who votes on an address, what they say, and by which rule its holder has it. */
export type Ownership = {
  /** Empty: no group votes on it. */
  readonly group: string;
  readonly lan: string;
  /** Counts the changes of the group's list. */
  readonly epoch: number;
  /** Absent: the group has none. `holder` empty: nobody has it at present. */
  readonly witness?: { readonly holder: string };
  readonly forced: boolean;
  readonly byLease: boolean;
  /** Absent: nobody holds it, or its holder does not vote. */
  readonly votes?: Votes;
  readonly ground: Ground;
  /** In the order of joining; a holder that is none of them comes last. */
  readonly members: readonly MemberSight[];
};

/** A member of the group, as its agent and the controller see it; a dead agent's last words count for nothing. */
export type MemberSight = {
  readonly node: string;
  readonly agent: Liveness;
  readonly drain: boolean;
  /** The generation of the list that it goes by; absent: it has not said. */
  readonly epoch?: number;
  readonly quorum: boolean;
  /** The other members with which it says to be linked: both hear each other. */
  readonly linked: readonly string[];
  /** The other members that it hears. */
  readonly hears: readonly string[];
  readonly candidate: boolean;
  /** Why it may not or does not hold the address, `Reason: message`; empty: nothing is in the way. */
  readonly obstacle: string;
};

type Source = { readonly voting: Voting; readonly field: Field };

/** Who votes on an address that a Service holds. */
export function ownershipOf(advertisement: Advertisement, { voting, parts }: NodeField): Ownership {
  const source = { voting, field: fieldOf(parts) };
  const { group: groupName, status } = advertisement;
  const group = voting.groups.get(groupName);
  const votes = status.holder === "" ? undefined : votesFor(status.holder, groupName, voting);
  const members = group?.members ?? [];
  const named = status.holder === "" || members.includes(status.holder) ? members : [...members, status.holder];
  return {
    group: groupName,
    ...listOf(group),
    ...(group?.witness && { witness: { holder: voting.witnesses.get(groupName) ?? "" } }),
    ...(votes && { votes }),
    ground: groundOf(advertisement, votes, voting),
    members: named.map((node) => memberSight(node, advertisement, source)),
  };
}

function listOf(group: Group | undefined): Pick<Ownership, "lan" | "epoch" | "forced" | "byLease"> {
  const { lan = "", epoch = 0, forced = false, byLease = false } = group ?? {};
  return { lan, epoch, forced, byLease };
}

function memberSight(node: string, advertisement: Advertisement, { voting, field }: Source): MemberSight {
  const { group, candidates } = advertisement;
  const agent = voting.agents.get(node)?.liveness ?? "dead";
  const sight = isGone(agent) ? undefined : sightOf(node, group, voting);
  const others = (voting.groups.get(group)?.members ?? []).filter((each) => each !== node);
  return {
    node,
    agent,
    drain: voting.nodes.get(node)?.drain ?? false,
    ...(sight && { epoch: sight.epoch }),
    quorum: sight?.quorum ?? false,
    linked: others.filter((each) => areLinked(node, each, group, voting)),
    hears: sight?.hears ?? [],
    candidate: candidates?.includes(node) ?? true,
    obstacle: obstacleOf(node, advertisement, { voting, field }),
  };
}

/** What the node itself says comes first, then why the controller may not place it there. */
function obstacleOf(node: string, advertisement: Advertisement, { voting, field }: Source): string {
  const refusals = voting.nodes.get(node)?.refusing ?? [];
  const fit = fitOn(node, advertisement, field);
  const said = refusals.find(({ address }) => sameAddress(address, advertisement.address)) ?? fit;
  if ("reason" in said) return `${said.reason}: ${said.message}`;
  return (advertisement.candidates?.includes(node) ?? true) ? "" : "not among the candidates";
}
