import type { MemberSight, Ownership } from "./ownership.ts";
import type { Paragraph, Table } from "./text.ts";

/** What an ownership says, for people. */
export function ownershipParagraphs({ ground, witness, votes, ...list }: Ownership): readonly Paragraph[] {
  const { rule, message, next } = ground;
  const bad = rule === "NoHolder" || rule === "Kept" || rule === "Deciding";
  const voters = witness === undefined ? "" : `, and the witness, held by ${witness.holder || "nobody"}`;
  const forced = list.forced ? ", forced: fewer than half of the members lived" : "";
  const group = `${list.group} on ${list.lan}, epoch ${list.epoch}${forced}${voters}`;
  return [
    { subject: "Group", lines: list.group === "" ? [] : [group] },
    { subject: "Votes", lines: votes === undefined ? [] : [`${votes.hear} of ${votes.of}`] },
    { subject: "Because", lines: [{ text: `${rule}: ${message}`, tone: bad ? "bad" : "plain" }] },
    { subject: "Next", lines: next === "" ? [] : [next] },
  ];
}

/** The members of the group, and what is in the way of each. */
export function memberTable({ members }: Ownership): Table {
  return {
    title: "Members of its group",
    heading: ["NODE", "AGENT", "QUORUM", "EPOCH", "LINKED WITH", "ONLY HEARS", "MAY HOLD IT"],
    rows: members.map((each) => [
      each.node,
      each.drain ? `${each.agent}, draining` : each.agent,
      each.epoch === undefined ? "" : each.quorum ? "yes" : "no",
      `${each.epoch ?? ""}`,
      each.linked.join(","),
      each.hears.filter((node) => !each.linked.includes(node)).join(","),
      mayHold(each),
    ]),
  };
}

function mayHold({ candidate, obstacle }: MemberSight): string {
  if (!candidate) return `no, ${obstacle}`;
  return obstacle === "" ? "yes" : `a candidate, but ${obstacle}`;
}
