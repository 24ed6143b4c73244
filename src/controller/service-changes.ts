import type { Condition } from "../api/condition.ts";
import type { Service } from "../api/service.ts";
import { type Outcome, type Plan, staysAsShown } from "../ipam/change.ts";
import { allocatedCondition } from "../ipam/outcome.ts";
import type { Address } from "../net/address.ts";
import { addressName } from "./address-text.ts";
import type { Change } from "./change.ts";
import { conditionWrite, type FieldWrite, fieldWrites, ingressWrite, statusWrites } from "./contests.ts";
import { type AddressState, isAnnounced } from "./node-reports.ts";
import { type Placements, placedState } from "./placements.ts";
import type { Notice } from "./ports.ts";
import { type ServiceFields, serviceFields } from "./service-fields.ts";
import { announcedType, type ServiceStatusPatch, serviceStatus, withoutHerald } from "./service-status.ts";
import type { ControllerSnapshot } from "./snapshot.ts";

/** What the Services' fields and status are worked out from. */
export type ServiceContext = {
  readonly writeLoadBalancerIP: boolean;
  /** The state of an address by the name of its object. */
  readonly stateOf: (address: Address) => AddressState;
  /** Nobody announces it, and it is too early to say so. */
  readonly awaited: ReadonlySet<string>;
  readonly contested: (write: FieldWrite) => boolean;
  readonly nowMs: number;
};

/** What the fields and the status of all Services lack; of those that get an address by this plan once they have it. */
export function serviceChanges(
  { outcomes, changes: ledgerChanges }: Plan,
  placed: Placements,
  snapshot: ControllerSnapshot,
): readonly Change[] {
  const { states } = snapshot;
  const stateOf = (address: Address): AddressState =>
    placedState(states.get(addressName(address)) ?? unclaimed, placed.of(address));
  let contests = 0;
  const contested = (write: FieldWrite): boolean => {
    const is = snapshot.contested(write);
    if (is) contests++;
    return is;
  };
  const context: ServiceContext = { ...snapshot, stateOf, contested };
  const all: Change[] = [];
  for (const service of withoutJoining(snapshot.allocation.services, ledgerChanges)) {
    const outcome = outcomes.get(service.key);
    if (outcome !== undefined && isQuiet(outcome, states)) continue;
    const contestsBefore = contests;
    const changes =
      outcome === undefined ? unhandledServiceChanges(service, context) : handledServiceChanges(outcome, context);
    // What is contested is tried again when its time has come.
    const isContested = contests > contestsBefore;
    if (outcome !== undefined && changes.length === 0 && !isContested) noteQuiet(outcome, states);
    all.push(...changes);
  }
  return all;
}

function withoutJoining(services: readonly Service[], changes: Plan["changes"]): readonly Service[] {
  const joining = new Set(changes.flatMap((change) => (change.kind === "write" ? change.joined : [])));
  return joining.size === 0 ? services : services.filter((service) => !joining.has(service));
}

type States = ReadonlyMap<string, AddressState>;

/** Services of which everything was as it must be, and from which states of their addresses that was seen. */
const quiet = new WeakMap<Outcome, readonly AddressState[]>();

function isQuiet(outcome: Outcome, states: States): boolean {
  const before = quiet.get(outcome);
  if (before === undefined) return false;
  for (let i = 0; i < before.length; i++) {
    const address = outcome.addresses[i];
    if (address === undefined || states.get(addressName(address)) !== before[i]) return false;
  }
  return true;
}

/** Only while all is announced does nothing but these states count: neither time nor placement. */
function noteQuiet(outcome: Outcome, states: States): void {
  const now = outcome.addresses.map((address) => states.get(addressName(address)) ?? unclaimed);
  if (now.length > 0 && now.every(isAnnounced)) quiet.set(outcome, now);
}

const nothing: readonly Change[] = [];

const unclaimed: AddressState = { holder: "", reason: "NotYetAnnounced", message: "it is being claimed" };

/** The fields of a handled Service that are to be written, and those that others change back time and again. */
export function wantedFields(
  outcome: Outcome,
  context: Pick<ServiceContext, "writeLoadBalancerIP" | "contested">,
): { readonly fields: ServiceFields | undefined; readonly contested: readonly string[] } {
  const { service, addresses } = outcome;
  const wanted = staysAsShown(outcome) ? undefined : serviceFields(service, addresses, context);
  if (wanted === undefined) return { fields: undefined, contested: [] };
  const fought = fieldWrites(service, wanted).filter(context.contested);
  if (fought.length === 0) return { fields: wanted, contested: [] };
  const { allocated, loadBalancerIP } = wanted;
  const isFought = (name: string): boolean => fought.some(({ field }) => field.endsWith(name));
  const left = {
    ...(allocated === undefined || isFought("allocated") ? {} : { allocated }),
    ...(loadBalancerIP === undefined || isFought("loadBalancerIP") ? {} : { loadBalancerIP }),
  };
  return { fields: Object.keys(left).length > 0 ? left : undefined, contested: fought.map(({ field }) => field) };
}

/**
 * What a handled Service's own fields and its status lack. Of one that loses its last address the status comes first, for the
 * annotation says what of the status is Herald's.
 */
export function handledServiceChanges(outcome: Outcome, context: ServiceContext): readonly Change[] {
  const { service, addresses } = outcome;
  const { fields, contested } = wantedFields(outcome, context);
  if (fields !== undefined && addresses.length > 0) return [fieldsChange(outcome, fields)];
  const patch = serviceStatus({
    outcome,
    held: addresses.map((address) => heldAddress(address, context)),
    settled: !addresses.some((address) => context.awaited.has(addressName(address))),
    contested,
    ingressContested: (ingress) => context.contested(ingressWrite(service, ingress)),
    ...(service.ingressManager !== undefined && { ingressManager: service.ingressManager }),
    conditionContested: (condition) => context.contested(conditionWrite(service, condition)),
    nowMs: context.nowMs,
  });
  if (fields !== undefined && patch?.ingress === undefined) return [fieldsChange(outcome, fields)];
  return patch === undefined ? [] : [statusChange(outcome, patch)];
}

/**
 * What takes Herald's traces off a Service that it does not handle: the status first, for the annotation says what is
 * Herald's. What another writer brings back time and again is left to him.
 */
export function unhandledServiceChanges(
  service: Service,
  { contested, writeLoadBalancerIP: writesField }: Pick<ServiceContext, "contested" | "writeLoadBalancerIP">,
): readonly Change[] {
  if (service.allocated === undefined && service.conditions.length === 0) return nothing;
  const patch = withoutHerald(service);
  if (patch !== undefined)
    return statusWrites(service, patch).some(contested) ? nothing : [statusChange({ service }, patch)];
  // The field of a Service of type LoadBalancer is now an ask to whoever handles it.
  const fields = serviceFields(service, [], { writeLoadBalancerIP: writesField && service.type !== "LoadBalancer" });
  if (fields === undefined || service.allocated === undefined) return nothing;
  return fieldWrites(service, fields).some(contested) ? nothing : [fieldsChange({ service }, fields)];
}

/** The key of a Service among the keys of changes. */
export function serviceKey({ key }: Service): string {
  return `service/${key}`;
}

function heldAddress(
  address: Address,
  { stateOf }: ServiceContext,
): { readonly address: Address; readonly announced: boolean; readonly state: AddressState } {
  const state = stateOf(address);
  return { address, announced: isAnnounced(state), state };
}

type Target = Pick<Outcome, "service" | "unverified">;

function fieldsChange({ service, unverified = [] }: Target, fields: ServiceFields): Change {
  return { kind: "writeServiceFields", keys: [serviceKey(service)], service, fields, unverified, notices: [] };
}

function statusChange({ service, unverified = [] }: Target, patch: ServiceStatusPatch): Change {
  const notices = patch.conditions.filter(concernsPeople).map((condition) => serviceNotice(service, condition));
  return { kind: "writeServiceStatus", keys: [serviceKey(service)], service, patch, unverified, notices };
}

/** Only what somebody must act on becomes an Event: what is not or not quite as asked for, and what nobody announces. */
function concernsPeople({ type, status, reason }: Condition): boolean {
  if (type === allocatedCondition) return status === "False" || reason !== "Allocated";
  return type === announcedType && status === "False" && reason !== "NotAllocated";
}

function serviceNotice({ namespace, name, uid }: Service, { reason, message }: Condition): Notice {
  return { object: { kind: "Service", namespace, name, uid }, type: "Warning", reason, message };
}
