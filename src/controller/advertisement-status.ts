import { type ConditionState, formatTime, mergeConditions } from "../api/condition.ts";
import type { Advertisement, AdvertisementStatus, AnnouncedBy, ServiceRef } from "../api/vip-advertisement.ts";
import { addressText } from "./address-text.ts";
import { type AddressState, isAnnounced } from "./node-reports.ts";

const historyLength = 8;
const longestService = 120;

/** As many as the schema takes. */
const mostHolders = 16;

/** What `status` must say of an address in this state, or undefined if it says so. */
export function advertisementStatus(
  advertisement: Advertisement,
  state: AddressState,
  nowMs: number,
): AdvertisementStatus | undefined {
  const { status, generation } = advertisement;
  const after: AdvertisementStatus = {
    observedGeneration: generation,
    holder: state.holder,
    service: servicesText(advertisement.services),
    protocol: protocolOf(advertisement),
    ...(state.routers && { holders: state.routers.slice(0, mostHolders) }),
    history: historyWith(status, state.holder, nowMs),
    conditions: mergeConditions(status.conditions, conditionStates(advertisement, state), nowMs),
  };
  const same =
    after.history === status.history &&
    after.conditions === status.conditions &&
    after.holders?.join() === status.holders?.join() &&
    (["observedGeneration", "holder", "service", "protocol"] as const).every((key) => after[key] === status[key]);
  return same ? undefined : after;
}

/** Whether a status in which the address is announced, and stays so, changes in nothing but who announces it by BGP, and words. */
export function isMinor({ status, generation, announcement }: Advertisement, state: AddressState): boolean {
  if (state.routers === undefined || status.observedGeneration !== generation) return false;
  if (!isAnnounced(state) || (announcement.arp !== undefined && state.holder !== status.holder)) return false;
  const is = (wanted: string, reason: string): boolean =>
    status.conditions.some((each) => each.type === wanted && each.reason === reason);
  return is("Announced", state.reason) && state.conflict === undefined && is("Conflict", "NoConflict");
}

function protocolOf({ address, announcement: { arp, bgp } }: Advertisement): AnnouncedBy {
  const onLan = address.family === 4 ? "ARP" : "NDP";
  if (bgp === undefined) return onLan;
  return arp === undefined ? "BGP" : `${onLan}+BGP`;
}

/** What `status` must say of an address that is only remembered, or undefined if it says so. Its next use is a first use. */
export function rememberedStatus(advertisement: Advertisement, nowMs: number): AdvertisementStatus | undefined {
  const { status, generation: observedGeneration, released } = advertisement;
  const owner = `${released?.namespace}/${released?.name}`;
  const message = `nobody holds it; ${owner} held it until ${formatTime(released?.atMs ?? nowMs)}`;
  const state = { reason: "Remembered", message, observedGeneration };
  const states: readonly ConditionState[] = [
    { type: "Ready", status: "True", ...state },
    { type: "Announced", status: "False", ...state },
    released?.conflict === undefined
      ? { type: "Conflict", status: "False", ...state }
      : { type: "Conflict", status: "True", reason: "AddressInUse", message: released.conflict, observedGeneration },
  ];
  const conditions = mergeConditions(status.conditions, states, nowMs);
  const service = `(${owner})`.slice(0, longestService);
  if (conditions === status.conditions && status.service === service && !wasAnnounced(status)) return undefined;
  return { observedGeneration, holder: "", service, protocol: "", history: [], conditions };
}

function conditionStates(advertisement: Advertisement, state: AddressState): readonly ConditionState[] {
  const { address, generation: observedGeneration } = advertisement;
  const alone = `no other station is known to have ${addressText(address)}`;
  const status = isAnnounced(state) ? "True" : "False";
  const { reason, message, conflict } = state;
  return [
    { type: "Ready", status, reason, message, observedGeneration },
    { type: "Announced", status, reason, message, observedGeneration },
    conflict === undefined
      ? { type: "Conflict", status: "False", reason: "NoConflict", message: alone, observedGeneration }
      : { type: "Conflict", status: "True", reason: "AddressInUse", message: conflict, observedGeneration },
  ];
}

/** Whether the status says that anybody announces the address. */
export function wasAnnounced({ holder, holders = [] }: Pick<AdvertisementStatus, "holder" | "holders">): boolean {
  return holder !== "" || holders.length > 0;
}

function historyWith({ history }: AdvertisementStatus, holder: string, nowMs: number): AdvertisementStatus["history"] {
  if (holder === "" || history.at(-1)?.node === holder) return history;
  return [...history, { time: formatTime(nowMs), node: holder }].slice(-historyLength);
}

function servicesText([first, ...more]: readonly ServiceRef[]): string {
  if (first === undefined) return "";
  const suffix = more.length === 0 ? "" : ` (+${more.length})`;
  return `${first.namespace}/${first.name}`.slice(0, longestService - suffix.length) + suffix;
}
