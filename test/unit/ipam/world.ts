import assert from "node:assert/strict";
import { allocatedAnnotation, parseAllocated } from "../../../src/api/annotations.ts";
import type { Pool } from "../../../src/api/ip-pool.ts";
import type { Labels } from "../../../src/api/label-selector.ts";
import type { Service } from "../../../src/api/service.ts";
import type { Advertisement } from "../../../src/api/vip-advertisement.ts";
import { wantedFields } from "../../../src/controller/service-changes.ts";
import type { ServiceFields } from "../../../src/controller/service-fields.ts";
import { serviceIngress } from "../../../src/controller/service-ingress.ts";
import { type LedgerChange, type Outcome, type Plan, staysAsShown } from "../../../src/ipam/change.ts";
import { createPlanner } from "../../../src/ipam/plan.ts";
import type { Snapshot } from "../../../src/ipam/snapshot.ts";
import { addressKey, formatAddress } from "../../../src/net/address.ts";
import { advertisement, service, snapshot } from "../../support/builders.ts";

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
  /** Whether nodes announce what Services hold, so that it becomes their ingress. */
  announced = false;
  plan: Plan = { changes: [], outcomes: new Map() };
  #nowMs = 1;

  constructor(...pools: readonly Pool[]) {
    this.pools = pools;
  }

  /** Creates or changes a Service; what Herald wrote into it stays. */
  put(key: string, changes: ServiceChanges = {}): this {
    const before = this.services.get(key);
    const { asks, ...rest } = changes;
    const base = before ?? service({ key, createdMs: this.#nowMs++ });
    this.services.set(key, { ...base, ...rest, ...(asks && { asks: { problems: [], ...asks } }) });
    if (!this.namespaces.has(base.namespace)) this.namespaces.set(base.namespace, {});
    return this;
  }

  remove(...keys: readonly string[]): this {
    for (const key of keys) this.services.delete(key);
    return this;
  }

  snapshot(): Snapshot {
    const { services, ledger, namespaces, pools, forbidden, options } = this;
    const lists = { services: [...services.values()], advertisements: [...ledger.values()] };
    return snapshot({ ...lists, namespaces, pools, forbidden, options });
  }

  /** One plan, carried out. */
  step(): Plan {
    this.plan = planAllocations(this.snapshot());
    for (const change of this.plan.changes) this.#apply(change);
    for (const outcome of this.plan.outcomes.values()) this.#write(outcome);
    return this.plan;
  }

  /** One plan of which these changes, by their index, were not carried out; what depends on them was not written either. */
  interrupted(fails: (index: number) => boolean): Plan {
    this.plan = planAllocations(this.snapshot());
    const unwritten = new Set<Service>();
    for (const [i, change] of this.plan.changes.entries()) {
      if (!fails(i)) this.#apply(change);
      else if (change.kind === "claim") unwritten.add(change.service);
    }
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

  reason(key: string): string {
    const outcome = this.plan.outcomes.get(key);
    assert.ok(outcome, `${key} has no outcome`);
    return `${outcome.allocated.status} ${outcome.allocated.reason}`;
  }

  message(key: string): string {
    return this.plan.outcomes.get(key)?.allocated.message ?? "";
  }

  #apply(change: LedgerChange): void {
    switch (change.kind) {
      case "claim": {
        const { address, pool, announcement, service: owner } = change;
        const claimed = advertisement(formatAddress(address), { owner, pool, announcement, createdMs: this.#nowMs++ });
        assert.ok(!this.ledger.has(addressKey(address)), `${formatAddress(address)} is claimed twice`);
        this.ledger.set(addressKey(address), claimed);
        break;
      }
      case "refresh":
        this.#replace(change.advertisement, change.spec);
        break;
      case "release":
        this.#replace(change.advertisement, { services: [] });
        break;
      case "forget":
        this.ledger.delete(addressKey(change.advertisement.address));
        break;
    }
  }

  #replace(before: Advertisement, spec: Partial<Advertisement>): void {
    const key = addressKey(before.address);
    this.ledger.set(key, { ...before, ...this.ledger.get(key), ...spec });
  }

  /** As the controller does: fields first, then the ingress of what is announced. */
  #write(outcome: Outcome): void {
    const { fields } = wantedFields(outcome, { writeLoadBalancerIP: true, contested: () => false });
    if (fields !== undefined) this.#patch(outcome.service.key, fields);
    if (!this.announced || staysAsShown(outcome)) return;
    const service = this.services.get(outcome.service.key) ?? outcome.service;
    const held = outcome.addresses.map((address) => ({ address, announced: true }));
    const ingress = serviceIngress(service, held, true);
    if (ingress !== undefined) this.services.set(service.key, { ...service, ingress });
  }

  #patch(key: string, { allocated, loadBalancerIP }: ServiceFields): void {
    const before = this.services.get(key);
    if (before === undefined) return;
    const { allocated: old, ...rest } = before;
    const now = allocated === undefined ? old : parseAllocated({ [allocatedAnnotation]: allocated ?? "" });
    const field = loadBalancerIP === undefined ? before.loadBalancerIP : (loadBalancerIP ?? "");
    this.services.set(key, { ...rest, ...(now && { allocated: now }), loadBalancerIP: field });
  }
}
