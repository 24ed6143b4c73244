import type { Advertisement, AdvertisementStatus } from "../api/vip-advertisement.ts";
import { addressText } from "./address-text.ts";
import { wasAnnounced } from "./advertisement-status.ts";
import type { AddressState, NodeReport } from "./node-reports.ts";
import type { Notice } from "./ports.ts";

/** A status that is about to be written, and the state that it says. */
export type StatusWrite = {
  readonly advertisement: Advertisement;
  readonly state: AddressState;
  readonly after: AdvertisementStatus;
};

/** What people are told when a status is written: of a conflict, of silence, and of a holder that nobody asked for. */
export function statusNotices(write: StatusWrite, reports: ReadonlyMap<string, NodeReport>): readonly Notice[] {
  return [...conflictNotices(write), ...silenceNotices(write), ...holderNotices(write, reports)];
}

/** The same of each Service of the address. */
export function serviceNotices({ services }: Advertisement, notice: Omit<Notice, "object">): readonly Notice[] {
  return services.map((service) => ({ ...notice, object: { kind: "Service", ...service } }));
}

function conflictNotices({ advertisement, state: { conflict }, after }: StatusWrite): readonly Notice[] {
  if (conflict === undefined || after.conditions === advertisement.status.conditions) return [];
  const message = `${addressText(advertisement.address)} is used by another station: ${conflict}`;
  return serviceNotices(advertisement, { type: "Warning", reason: "AddressConflict", message });
}

/** Once for each time that an address falls silent which was announced. */
function silenceNotices({ advertisement, state, after }: StatusWrite): readonly Notice[] {
  if (wasAnnounced(after) || !wasAnnounced(advertisement.status)) return [];
  const message = `nobody answers for ${addressText(advertisement.address)}: ${state.message}`;
  return serviceNotices(advertisement, { type: "Warning", reason: "NotAnnounced", message });
}

/**
 * Of a node that lost an address to another by votes; a planned move is no news here. The words are the same for all that
 * the node loses to that other one, so that the Events are counted instead of repeated.
 */
function holderNotices(
  { advertisement, after }: StatusWrite,
  reports: ReadonlyMap<string, NodeReport>,
): readonly Notice[] {
  const { node, status, announcement } = advertisement;
  if (announcement.arp === undefined) return [];
  const from = reports.get(status.holder);
  if (from === undefined || after.holder === "" || after.holder === status.holder || after.holder === node) return [];
  const { uid, name } = from.of;
  const cause = from.liveness === "alive" ? "which could not hold it any more" : `whose agent is ${from.liveness}`;
  const message = `${after.holder} answers now for what ${name} had, ${cause}`;
  const type = from.liveness === "leaving" ? "Normal" : "Warning";
  return [{ object: { kind: "VIPNode", name, uid }, type, reason: "HolderChanged", message }];
}
