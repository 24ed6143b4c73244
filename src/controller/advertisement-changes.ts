import type { Placement } from "../announce/placement.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import type { LedgerChange, LedgerSpec, Plan } from "../ipam/change.ts";
import { addressMapKey, addressText } from "./address-text.ts";
import { advertisementStatus, isMinor, rememberedStatus } from "./advertisement-status.ts";
import type { Change, SeenServices } from "./change.ts";
import { type AddressState, isAnnounced } from "./node-reports.ts";
import { isPlaced, type Placements, placedState, replacedSpec } from "./placements.ts";
import type { Notice } from "./ports.ts";
import type { ControllerSnapshot } from "./snapshot.ts";
import { type StatusWrite, serviceNotices, statusNotices } from "./status-notices.ts";

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
  let minorWrites = snapshot.minorWrites;
  for (const advertisement of snapshot.allocation.advertisements) {
    const write = written.get(advertisement);
    if (write !== undefined && (write.joined.length > 0 || write.left.length > 0)) continue;
    if (advertisement.services.length > 0)
      specs.push(...specChanges(advertisement, placed.of(advertisement.address), write?.spec, snapshot));
    const changed = statusChanges(advertisement, placed.of(advertisement.address), snapshot, minorWrites > 0);
    minorWrites -= changed.filter(isMinorWrite).length;
    statuses.push(...changed);
  }
  return [...releases(changes, placed, snapshot.seen), ...specs, ...statuses];
}

function isMinorWrite(change: Change): boolean {
  return change.kind === "writeAdvertisementStatus" && change.minor === true;
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
    return [
      { kind: "release", keys, notices: [], advertisement, spec: placed.written(spec, advertisement), left, seen },
    ];
  });
}

function specChanges(
  advertisement: Advertisement,
  placement: Placement,
  refresh: LedgerSpec | undefined,
  snapshot: ControllerSnapshot,
): readonly Change[] {
  if (snapshot.starting || (refresh === undefined && isPlaced(advertisement, placement))) return nothing;
  const spec = replacedSpec(advertisement, placement, refresh);
  const keys = [advertisementKey(advertisement.name)];
  const { node } = placement;
  const notices = node === advertisement.node ? [] : moveNotices(advertisement, node, snapshot);
  return [{ kind: "replaceAdvertisement", keys, notices, advertisement, spec }];
}

/** A first placement is no news, a move is, with what is known of its cause. */
function moveNotices(advertisement: Advertisement, node: string, snapshot: ControllerSnapshot): readonly Notice[] {
  const from = advertisement.node;
  if (from === "" || node === "") return [];
  const cause = moveCause(advertisement, node, snapshot);
  const message = `${addressText(advertisement.address)} moves to ${node} from ${from}, ${cause}`;
  return serviceNotices(advertisement, { type: "Normal", reason: "AddressMoved", message });
}

function moveCause({ address, node: from }: Advertisement, to: string, snapshot: ControllerSnapshot): string {
  const report = snapshot.reports.get(from);
  if (report?.liveness !== "alive") return `whose agent is ${report?.liveness ?? "gone"}`;
  if (snapshot.follow.get(addressMapKey(address)) === to) return "which lost it by votes";
  if (report.of.drain) return "which is drained";
  return snapshot.mayRebalanceTo(to) ? "which has more" : "which may not announce it any more";
}

const nothing: readonly Change[] = [];

/** Announced addresses of which the status was as it must be, and the state that this was seen from. */
const quiet = new WeakMap<Advertisement, AddressState>();

/** `minorToo`: also what can wait. */
function statusChanges(
  advertisement: Advertisement,
  placement: Placement,
  snapshot: ControllerSnapshot,
  minorToo: boolean,
): readonly Change[] {
  const { name, services } = advertisement;
  if (services.length === 0) return unheldStatusChanges(advertisement, snapshot.nowMs);
  const state = snapshot.states.get(name);
  const isQuiet = quiet.get(advertisement) === state && isUnhindered(placement);
  if (state === undefined || isQuiet || snapshot.awaited.has(name)) return nothing;
  const placed = placedState(state, placement);
  const minor = isMinor(advertisement, placed);
  if (minor && !minorToo) return nothing;
  const status = advertisementStatus(advertisement, placed, snapshot.nowMs);
  if (status !== undefined) return [statusWrite({ advertisement, state: placed, after: status }, minor, snapshot)];
  if (isAnnounced(state) && placed === state) quiet.set(advertisement, state);
  return nothing;
}

function statusWrite(write: StatusWrite, minor: boolean, { reports }: ControllerSnapshot): Change {
  const { advertisement, after: status } = write;
  const [keys, notices] = [[advertisementKey(advertisement.name)], statusNotices(write, reports)];
  return { kind: "writeAdvertisementStatus", keys, notices, advertisement, status, ...(minor && { minor }) };
}

function isUnhindered({ misplaced, besides }: Placement): boolean {
  return misplaced === undefined && besides === undefined;
}

/** What is remembered says so; what is about to be deleted needs to say nothing. */
function unheldStatusChanges(advertisement: Advertisement, nowMs: number): readonly Change[] {
  const status = advertisement.released === undefined ? undefined : rememberedStatus(advertisement, nowMs);
  if (status === undefined) return nothing;
  const keys = [advertisementKey(advertisement.name)];
  return [{ kind: "writeAdvertisementStatus", keys, notices: [], advertisement, status }];
}
