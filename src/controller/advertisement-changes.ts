import type { Placement } from "../announce/placement.ts";
import type { Advertisement, AdvertisementStatus } from "../api/vip-advertisement.ts";
import type { LedgerChange, LedgerSpec, Plan } from "../ipam/change.ts";
import { addressText } from "./address-text.ts";
import { advertisementStatus, rememberedStatus } from "./advertisement-status.ts";
import type { Change, SeenServices } from "./change.ts";
import type { AddressState } from "./node-reports.ts";
import { type Placements, placedState, specOf } from "./placements.ts";
import type { Notice } from "./ports.ts";
import type { ControllerSnapshot } from "./snapshot.ts";

/** Releases, then what the specs of the advertisements lack, then their status. */
export function advertisementChanges(
  { changes }: Plan,
  placed: Placements,
  snapshot: ControllerSnapshot,
): readonly Change[] {
  const written = new Map(
    changes.flatMap((each) => (each.kind === "write" && each.before ? [[each.before, each] as const] : [])),
  );
  const specs: Change[] = [];
  const statuses: Change[] = [];
  for (const advertisement of snapshot.allocation.advertisements) {
    const write = written.get(advertisement);
    if (write !== undefined && (write.joined.length > 0 || write.left.length > 0)) continue;
    if (advertisement.services.length > 0)
      specs.push(...specChanges(advertisement, placed.of(advertisement.address), write?.spec, snapshot));
    statuses.push(...statusChanges(advertisement, placed.of(advertisement.address), snapshot));
  }
  return [...releases(changes, placed, snapshot.seen), ...specs, ...statuses];
}

/** The key of an advertisement among the keys of changes. */
export function advertisementKey(name: string): string {
  return `vip/${name}`;
}

function releases(changes: readonly LedgerChange[], placed: Placements, seen: SeenServices): readonly Change[] {
  return changes.flatMap((change): readonly Change[] => {
    if (change.kind === "forget") {
      const { advertisement } = change;
      return [{ kind: "forget", keys: [advertisementKey(advertisement.name)], notices: [], advertisement }];
    }
    const { before: advertisement, spec, joined, left } = change;
    if (advertisement === undefined || joined.length > 0 || left.length === 0) return [];
    const keys = [advertisementKey(advertisement.name)];
    return [{ kind: "release", keys, notices: [], advertisement, spec: placed.written(spec), left, seen }];
  });
}

function specChanges(
  advertisement: Advertisement,
  { group, node }: Placement,
  refresh: LedgerSpec | undefined,
  snapshot: ControllerSnapshot,
): readonly Change[] {
  const stays = group === advertisement.group && node === advertisement.node;
  if (snapshot.starting || (stays && refresh === undefined)) return nothing;
  const spec = { ...specOf(advertisement), ...refresh, group, node };
  const keys = [advertisementKey(advertisement.name)];
  const notices = node === advertisement.node ? [] : moveNotices(advertisement, node, snapshot);
  return [{ kind: "replaceAdvertisement", keys, notices, advertisement, spec }];
}

/** A first placement is no news, a move is, with what is known of its cause. */
function moveNotices(advertisement: Advertisement, node: string, { reports }: ControllerSnapshot): readonly Notice[] {
  const from = advertisement.node;
  if (from === "" || node === "") return [];
  const liveness = reports.get(from)?.liveness;
  const cause = liveness === "alive" ? "which may not announce it any more" : `whose agent is ${liveness ?? "gone"}`;
  const message = `${addressText(advertisement.address)} moves to ${node} from ${from}, ${cause}`;
  return serviceNotices(advertisement, { type: "Normal", reason: "AddressMoved", message });
}

const nothing: readonly Change[] = [];

/** Announced addresses of which the status was as it must be, and the state that this was seen from. */
const quiet = new WeakMap<Advertisement, AddressState>();

function statusChanges(
  advertisement: Advertisement,
  placement: Placement,
  { states, awaited, nowMs }: ControllerSnapshot,
): readonly Change[] {
  const { name } = advertisement;
  if (advertisement.services.length === 0) return unheldStatusChanges(advertisement, nowMs);
  const state = states.get(name);
  if (state === undefined || quiet.get(advertisement) === state || awaited.has(name)) return nothing;
  const status = advertisementStatus(advertisement, placedState(state, placement), nowMs);
  if (status === undefined) {
    if (state.holder !== "") quiet.set(advertisement, state);
    return nothing;
  }
  const notices = conflictNotices(advertisement, state, status);
  return [{ kind: "writeAdvertisementStatus", keys: [advertisementKey(name)], notices, advertisement, status }];
}

/** What is remembered says so; what is about to be deleted needs to say nothing. */
function unheldStatusChanges(advertisement: Advertisement, nowMs: number): readonly Change[] {
  const status = advertisement.released === undefined ? undefined : rememberedStatus(advertisement, nowMs);
  if (status === undefined) return nothing;
  const keys = [advertisementKey(advertisement.name)];
  return [{ kind: "writeAdvertisementStatus", keys, notices: [], advertisement, status }];
}

function conflictNotices(
  advertisement: Advertisement,
  { conflict }: AddressState,
  after: AdvertisementStatus,
): readonly Notice[] {
  if (conflict === undefined || after.conditions === advertisement.status.conditions) return [];
  const message = `${addressText(advertisement.address)} is used by another station: ${conflict}`;
  return serviceNotices(advertisement, { type: "Warning", reason: "AddressConflict", message });
}

function serviceNotices({ services }: Advertisement, notice: Omit<Notice, "object">): readonly Notice[] {
  return services.map((service) => ({ ...notice, object: { kind: "Service", ...service } }));
}
