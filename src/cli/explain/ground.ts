import type { Advertisement } from "../../api/vip-advertisement.ts";
import type { Group } from "../../api/vip-group.ts";
import { isMajority, sightOf, type Votes, type Voting } from "../votes.ts";

/** By which rule a node holds an address, or why none does. */
export const grounds = [
  "Majority",
  "Witness",
  "Alone",
  "ByLease",
  "Kept",
  "Deciding",
  "NotVoting",
  "NoHolder",
] as const;

/** A rule with a sentence, and what is still to come; empty: nothing. */
export type Ground = {
  readonly rule: (typeof grounds)[number];
  readonly message: string;
  readonly next: string;
};

/** The rule by which an address's holder has it; `votes` are those that the holder can count on. */
export function groundOf(advertisement: Advertisement, votes: Votes | undefined, voting: Voting): Ground {
  return { ...ruleOf(advertisement, votes, voting), next: nextOf(advertisement, voting) };
}

type Rule = Omit<Ground, "next">;

function ruleOf(advertisement: Advertisement, votes: Votes | undefined, voting: Voting): Rule {
  const { holder, conditions } = advertisement.status;
  const group = voting.groups.get(advertisement.group);
  if (holder === "") {
    const said = conditions.find(({ type, status }) => type === "Announced" && status === "False");
    const message = said === undefined ? "no agent has reported on it yet" : `${said.reason}: ${said.message}`;
    return { rule: "NoHolder", message };
  }
  if (group?.byLease) return byLease(holder, group, voting);
  if (group === undefined || votes === undefined)
    return { rule: "NotVoting", message: `the agent on ${holder} does not vote: it answers where it was told to` };
  return voted(holder, group, votes, voting);
}

function byLease(holder: string, { lan }: Group, voting: Voting): Rule {
  const renewed = voting.agents.get(holder)?.renewed ?? "";
  const until = renewed === "" ? "" : `, which was at ${renewed}`;
  const why = `the nodes on ${lan} do not hear each other's heartbeats (UDP 7474)`;
  const message = `${why}: ${holder} answers for four fifths of its Lease's duration after it last renewed it${until}`;
  return { rule: "ByLease", message };
}

/** How long a vote counts, in the words of the documentation. */
const counted = "each vote counts until 4 heartbeat intervals after what its voter acknowledged was sent";

function voted(holder: string, group: Group, votes: Votes, voting: Voting): Rule {
  const { name, members, epoch } = group;
  if (members.length === 1 && !group.witness)
    return { rule: "Alone", message: `${holder} is the only member of group ${name}` };
  const count = `${votes.hear} of ${votes.of} voters of group ${name} (epoch ${epoch}${group.forced ? ", forced" : ""})`;
  const quorum = sightOf(holder, name, voting)?.quorum ?? false;
  if (!isMajority(votes))
    return quorum
      ? { rule: "Deciding", message: `${holder} counts on more voters than ${count}, by what the others last said` }
      : {
          rule: "Kept",
          message: `${holder} has no quorum, ${count}, and goes on until somebody else is heard to hold it`,
        };
  const withWitness = group.witness && voting.witnesses.get(name) === holder;
  const needsWitness = withWitness && 2 * (votes.hear - 1) <= votes.of;
  return needsWitness
    ? { rule: "Witness", message: `${holder} and the witness are ${count}: more than half; ${counted}` }
    : { rule: "Majority", message: `${holder} counts on ${count}, itself included: more than half; ${counted}` };
}

/** A move that is under way. */
function nextOf({ node, status: { holder } }: Advertisement, { nodes, agents }: Voting): string {
  if (holder !== "" && nodes.get(holder)?.drain)
    return `${holder} is being drained: it gives it to another as soon as one can take it`;
  if (node === holder || node === "" || holder === "") return "";
  const liveness = agents.get(node)?.liveness ?? "dead";
  return liveness === "alive"
    ? `wanted on ${node}, which asks ${holder} for it`
    : `wanted on ${node}, whose agent is ${liveness}; it stays on ${holder} until another place is chosen`;
}
