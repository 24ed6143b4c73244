import type { Heartbeat, TableEntry } from "../../../../src/announce/votes/heartbeat.ts";
import type { World } from "./world.ts";

/** A heartbeat as one line of a trace: who to whom, what it acknowledges, its flags, what is new in its table. */
export function heartbeatText(world: World, from: string, to: string, heartbeat: Heartbeat): string {
  const { seq, ack, epoch, table } = heartbeat;
  const flags = (["quorum", "leaving", "answerMe", "witness", "forced"] as const).filter((flag) => heartbeat[flag]);
  const said = table.entries.map((entry) => entryText(world, entry)).join("; ");
  const list = heartbeat.list === undefined ? "" : ` list ${heartbeat.list.members.join()}`;
  const head = `${from} → ${to} #${seq} ack ${ack.seq} epoch ${epoch}${list} ${flags.join(" ")}`;
  return `${head} table ${table.from}-${table.upTo}/${table.version} ${said}`;
}

function entryText(world: World, { address, vote, claim, wants }: TableEntry): string {
  const number = world.addresses.findIndex(({ value }) => value === address.value);
  const voted = vote === undefined ? "-" : `${nameOf(world, vote.boot)}.${vote.claim} prio ${vote.priority}`;
  const claimed = claim === undefined ? "" : ` ${claim.state} term ${claim.term} gen ${claim.generation}`;
  const gives = claim?.gives ? " gives" : "";
  return `${number}: ${voted}${claimed}${gives}${wants === undefined ? "" : ` wants ${wants}`}`;
}

function nameOf({ machines }: World, boot: bigint): string {
  return machines.find(({ process }) => process?.boot === boot)?.name ?? boot.toString(36);
}
