import assert from "node:assert/strict";
import type { Pool } from "../../../src/api/ip-pool.ts";
import type { Labels } from "../../../src/api/label-selector.ts";
import type { Service } from "../../../src/api/service.ts";
import type { Advertisement } from "../../../src/api/vip-advertisement.ts";
import { ledgerAfter, serviceAfter } from "../../../src/controller/rehearsal.ts";
import { serviceIngress } from "../../../src/controller/service-ingress.ts";
import {
  type LedgerChange,
  type LedgerWrite,
  type Outcome,
  type Plan,
  staysAsShown,
} from "../../../src/ipam/change.ts";
import { createPlanner } from "../../../src/ipam/plan.ts";
import type { Snapshot } from "../../../src/ipam/snapshot.ts";
import { addressKey, formatAddress } from "../../../src/net/address.ts";
import { address, noonMs, service, snapshot } from "../../support/builders.ts";

const planAllocations = createPlanner();

type ServiceChanges = Parameters<typeof service>[0];

/** A cluster in which plans are carried out as the controller does: ledger first, then what the Service says. */
export class World {
  readonly services = new Map<string, Service>();
  readonly ledger = new Map<string, Advertisement>();
  readonly namespaces = new Map<string, Labels>();
  pools: readonly Pool[];
  options: Partial<Snapshot["options"]> = {};
  forbidden: Snapshot["forbidden"] = [];
  /** As `Snapshot.conflicts`. */
  readonly conflicts = new Map<string, string>();
  /** Whether nodes announce what Services hold, so that it becomes their ingress. */
  announced = false;
  /** The wall clock. */
  nowMs = noonMs;
  plan: Plan = { changes: [], outcomes: new Map() };
  #createdMs = 1;

  constructor(...pools: readonly Pool[]) {
    this.pools = pools;
  }

  /** Creates or changes a Service; what Herald wrote into it stays. */
  put(key: string, changes: ServiceChanges = {}): this {
    const before = this.services.get(key);
    const { asks, ...rest } = changes;
    const base = before ?? service({ key, createdMs: this.#createdMs++ });
    this.services.set(key, { ...base, ...rest, ...(asks && { asks: { problems: [], ...asks } }) });
    if (!this.namespaces.has(base.namespace)) this.namespaces.set(base.namespace, {});
    return this;
  }

  remove(...keys: readonly string[]): this {
    for (const key of keys) this.services.delete(key);
    return this;
  }

  snapshot(): Snapshot {
    const { services, ledger, namespaces, pools, forbidden, conflicts, options, nowMs } = this;
    const lists = { services: [...services.values()], advertisements: [...ledger.values()] };
    return snapshot({ ...lists, namespaces, pools, forbidden, conflicts, options, nowMs });
  }

  /** Another station has this address, which was never announced. */
  dispute(text: string): this {
    this.conflicts.set(addressKey(address(text)), "node1: 02:00:5e:10:00:99 has the address too");
    return this;
  }

  /** One plan, carried out. */
  step(): Plan {
    this.plan = planAllocations(this.snapshot());
    this.#apply(this.plan.changes);
    for (const outcome of this.plan.outcomes.values()) this.#write(outcome);
    return this.plan;
  }

  /** One plan of which these changes, by their index, were not carried out; what depends on them was not written either. */
  interrupted(fails: (index: number) => boolean): Plan {
    this.plan = planAllocations(this.snapshot());
    const [failed, applied] = [true, false].map((fate) => this.plan.changes.filter((_, i) => fails(i) === fate));
    const unwritten = new Set((failed ?? []).flatMap((each) => (each.kind === "write" ? each.joined : [])));
    this.#apply(applied ?? []);
    for (const outcome of this.plan.outcomes.values()) if (!unwritten.has(outcome.service)) this.#write(outcome);
    return this.plan;
  }

  /** Plans until there is nothing left to do. */
  settle(): this {
    for (let round = 0; round < 10; round++) {
      const before = [...this.services.values()];
      if (this.step().changes.length === 0 && [...this.services.values()].every((each, i) => each === before[i]))
        return this;
    }
    throw new Error("ten plans and still something to do");
  }

  /** The addresses of a Service as text, after the last plan. */
  addresses(key: string): readonly string[] {
    return (this.plan.outcomes.get(key)?.addresses ?? []).map(formatAddress);
  }

  /** What the ledger says that somebody holds, as text. */
  held(): readonly string[] {
    return [...this.ledger.values()].flatMap((each) => (each.services.length > 0 ? [formatAddress(each.address)] : []));
  }

  reason(key: string): string {
    const outcome = this.plan.outcomes.get(key);
    assert.ok(outcome, `${key} has no outcome`);
    return `${outcome.allocated.status} ${outcome.allocated.reason}`;
  }

  message(key: string): string {
    return this.plan.outcomes.get(key)?.allocated.message ?? "";
  }

  #apply(changes: readonly LedgerChange[]): void {
    for (const change of changes)
      if (change.kind === "write") assert.equal(change.before, this.ledger.get(addressKey(change.spec.address)));
    const after = ledgerAfter([...this.ledger.values()], changes, this.#createdMs++);
    this.ledger.clear();
    for (const advertisement of after) this.ledger.set(addressKey(advertisement.address), advertisement);
  }

  /** As the controller does: fields first, then the ingress of what is announced. */
  #write(outcome: Outcome): void {
    const { key } = outcome.service;
    if (this.services.has(key)) this.services.set(key, serviceAfter(outcome, { writeLoadBalancerIP: true }));
    if (!this.announced || staysAsShown(outcome)) return;
    const service = this.services.get(outcome.service.key) ?? outcome.service;
    const held = outcome.addresses.map((address) => ({ address, announced: true }));
    const ingress = serviceIngress(service, held, true);
    if (ingress !== undefined) this.services.set(service.key, { ...service, ingress });
  }
}

/** The Services that get an address by a change. */
export function joined(change: LedgerChange): readonly string[] {
  return change.kind === "write" ? change.joined.map(({ key }) => key) : [];
}

/** The writes of a plan. */
export function writes({ changes }: Plan): readonly LedgerWrite[] {
  return changes.filter((change) => change.kind === "write");
}

/** What each change of a plan does: `shop/web gets 192.0.2.1`, `shop/web leaves 192.0.2.1: Moved`, `192.0.2.1 revised`. */
export function deeds(plan: Plan): readonly string[] {
  return plan.changes.flatMap((change): readonly string[] => {
    if (change.kind === "forget") return [`${formatAddress(change.advertisement.address)} forgotten`];
    const text = formatAddress(change.spec.address);
    const left = change.left.map(
      ({ member, reason }) => `${member.namespace}/${member.name} leaves ${text}: ${reason}`,
    );
    const got = change.joined.map(({ key }) => `${key} gets ${text}`);
    return left.length + got.length > 0 ? [...left, ...got] : [`${text} revised`];
  });
}
