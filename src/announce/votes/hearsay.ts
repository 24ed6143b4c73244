import type { SentList } from "./heartbeat.ts";
import type { GroupList } from "./inputs.ts";

/**
 * Rule 20: the list that so many members of the present one send, the very same from each; undefined: there is none. A
 * forced list is never taken so. It is short by construction: whoever has it is no majority of the list before, and who is
 * told of it by a majority of a list that is older still stops by rule 21, until the API server has said it.
 */
export function listOfMost(sent: readonly SentList[], needed: number): SentList | undefined {
  const senders = new Map<string, number>();
  for (const list of sent) {
    const { epoch, members, witness, forced } = list;
    const key = JSON.stringify([epoch, members, witness, forced]);
    const count = (senders.get(key) ?? 0) + 1;
    if (count >= needed && !forced) return list;
    senders.set(key, count);
  }
  return undefined;
}

/** As many, and as long, as a heartbeat carries. */
const MOST_MEMBERS = 7;
const NAME = /^[!-~]{1,253}$/;
const UID = /^[!-~]{0,64}$/;

/** The list as it is sent; undefined if somebody gave it members that no group and no node can have. */
export function sendable(list: GroupList | undefined, uid: string): SentList | undefined {
  if (list === undefined || list.members.length > MOST_MEMBERS || !UID.test(uid)) return undefined;
  return list.members.every((name) => NAME.test(name)) ? { ...list, uid } : undefined;
}
