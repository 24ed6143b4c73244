import type { Condition } from "../api/condition.ts";
import type { Service } from "../api/service.ts";
import { type Outcome, type Plan, staysAsShown } from "../ipam/change.ts";
import { allocatedCondition } from "../ipam/outcome.ts";
import type { Address } from "../net/address.ts";
import { addressName } from "./address-text.ts";
import { advertisementKey } from "./advertisement-changes.ts";
import type { Change } from "./change.ts";
import { type FieldWrite, fieldWrites, ingressWrite } from "./contests.ts";
import type { AddressState } from "./node-reports.ts";
import { type Placements, placedState } from "./placements.ts";
import type { Notice } from "./ports.ts";
import { type ServiceFields, serviceFields } from "./service-fields.ts";
import { type ServiceStatusPatch, serviceStatus, withoutHerald } from "./service-status.ts";
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

/** The claims of a plan, each Service's together with the fields that name them. */
export function claimChanges(
  { changes, outcomes }: Plan,
  placed: Placements,
  context: Pick<ServiceContext, "writeLoadBalancerIP" | "contested">,
): readonly Change[] {
  const claims = Map.groupBy(
    changes.filter((change) => change.kind === "claim"),
    ({ service }) => service,
  );
  return [...claims].map(([service, ofService]): Change => {
    const outcome = outcomes.get(service.key);
    const specs = ofService.map(placed.claimed);
    return {
      kind: "allocate",
      keys: [serviceKey(service), ...specs.map(({ address }) => advertisementKey(addressName(address)))],
      notices: [],
      service,
      claims: specs,
      fields: outcome === undefined ? undefined : wantedFields(outcome, context).fields,
    };
  });
}

/** What the fields and the status of all Services lack. */
export function serviceChanges(
  { outcomes }: Plan,
  placed: Placements,
  snapshot: ControllerSnapshot,
): readonly Change[] {
  const { states } = snapshot;
  const stateOf = (address: Address): AddressState =>
    placedState(states.get(addressName(address)) ?? unclaimed, placed.of(address));
  const context: ServiceContext = { ...snapshot, stateOf };
  const all: Change[] = [];
  for (const service of snapshot.allocation.services) {
    const outcome = outcomes.get(service.key);
    if (outcome !== undefined && isQuiet(outcome, states)) continue;
    const changes =
      outcome === undefined
        ? unhandledServiceChanges(service, context.contested)
        : handledServiceChanges(outcome, context);
    if (outcome !== undefined && changes.length === 0) noteQuiet(outcome, states);
    all.push(...changes);
  }
  return all;
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
  if (now.length > 0 && now.every(({ holder }) => holder !== "")) quiet.set(outcome, now);
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

/** What a handled Service's own fields and its status lack. */
export function handledServiceChanges(outcome: Outcome, context: ServiceContext): readonly Change[] {
  const { service, addresses } = outcome;
  const { fields, contested } = wantedFields(outcome, context);
  if (fields !== undefined) return [fieldsChange(service, fields)];
  const patch = serviceStatus({
    outcome,
    held: addresses.map((address) => heldAddress(address, context)),
    settled: !addresses.some((address) => context.awaited.has(addressName(address))),
    contested,
    ingressContested: (ingress) => context.contested(ingressWrite(service, ingress)),
    nowMs: context.nowMs,
  });
  return patch === undefined ? [] : [statusChange(service, patch)];
}

/**
 * What takes Herald's traces off a Service that it does not handle: the status first, for the annotation says what is
 * Herald's. What another writer brings back time and again is left to him.
 */
export function unhandledServiceChanges(service: Service, contested: ServiceContext["contested"]): readonly Change[] {
  if (service.allocated === undefined && service.conditions.length === 0) return nothing;
  const patch = withoutHerald(service);
  if (patch !== undefined) return [statusChange(service, patch)];
  const fields = serviceFields(service, [], { writeLoadBalancerIP: true });
  if (fields === undefined || service.allocated === undefined) return nothing;
  return fieldWrites(service, fields).some(contested) ? nothing : [fieldsChange(service, fields)];
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
  return { address, announced: state.holder !== "", state };
}

function fieldsChange(service: Service, fields: ServiceFields): Change {
  return { kind: "writeServiceFields", keys: [serviceKey(service)], service, fields, notices: [] };
}

function statusChange(service: Service, patch: ServiceStatusPatch): Change {
  const notices = patch.conditions.filter(concernsPeople).map((condition) => serviceNotice(service, condition));
  return { kind: "writeServiceStatus", keys: [serviceKey(service)], service, patch, notices };
}

/** Only what somebody must act on becomes an Event; the states of nodes have theirs on the addresses. */
function concernsPeople({ type, status, reason }: Condition): boolean {
  return type === allocatedCondition && (status === "False" || reason !== "Allocated");
}

function serviceNotice({ namespace, name, uid }: Service, { reason, message }: Condition): Notice {
  return { object: { kind: "Service", namespace, name, uid }, type: "Warning", reason, message };
}
