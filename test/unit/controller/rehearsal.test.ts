import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Service } from "../../../src/api/service.ts";
import type { Advertisement } from "../../../src/api/vip-advertisement.ts";
import { carriedOut, ledgerAfter, rehearse, serviceAfter } from "../../../src/controller/rehearsal.ts";
import type { LedgerChange, Outcome, Plan } from "../../../src/ipam/change.ts";
import { createPlanner, type Planner } from "../../../src/ipam/plan.ts";
import type { Snapshot } from "../../../src/ipam/snapshot.ts";
import { formatAddress } from "../../../src/net/address.ts";
import {
  address,
  addresses,
  advertisement,
  member,
  noonMs,
  noReuse,
  pool,
  released,
  service,
  snapshot,
} from "../../support/builders.ts";

const fields = { writeLoadBalancerIP: true };

const texts = (advertisements: readonly Advertisement[]): readonly string[] =>
  advertisements.map((each) => {
    const holders = each.services.map(({ namespace, name }) => `${namespace}/${name}`);
    return [formatAddress(each.address), ...holders, ...(each.released ? ["remembered"] : [])].join(" ");
  });

const said = ({ services }: Snapshot, key = "shop/web"): Pick<Service, "allocated" | "loadBalancerIP" | "ingress"> => {
  const found = services.find((each) => each.key === key);
  assert.ok(found);
  const { allocated = [], loadBalancerIP, ingress } = found;
  return { allocated, loadBalancerIP, ingress };
};

describe("a rehearsal", () => {
  it("ends with the ledger and the fields that the controller would write, and a plan that has nothing to do", () => {
    const { snapshot: after, plan } = rehearse(
      snapshot({ services: [service(), service({ key: "shop/b" })], pools: [pool()] }),
      createPlanner(),
      fields,
    );
    assert.deepEqual(texts(after.advertisements), ["192.0.2.0 shop/b", "192.0.2.1 shop/web"]);
    assert.deepEqual(said(after), { allocated: addresses("192.0.2.1"), loadBalancerIP: "192.0.2.1", ingress: [] });
    assert.deepEqual(plan.changes, []);
    assert.equal(plan.outcomes.get("shop/web")?.allocated.reason, "Allocated");
  });

  it("is of the very same snapshot if there is nothing to do", () => {
    const web = service({ allocated: addresses("192.0.2.1"), loadBalancerIP: "192.0.2.1" });
    const before = snapshot({
      services: [web],
      pools: [pool()],
      advertisements: [advertisement("192.0.2.1", { owner: web })],
    });
    assert.equal(rehearse(before, createPlanner(), fields).snapshot, before);
  });

  it("does not change what it was given", () => {
    const before = snapshot({ services: [service()], pools: [pool()] });
    const copy = structuredClone(before);
    rehearse(before, createPlanner(), fields);
    assert.deepEqual(before, copy);
  });

  it("goes through all the plans that a move takes: the new claim, the fields, the release of the old", () => {
    const web = service({
      asks: { addresses: addresses("192.0.2.9") },
      allocated: addresses("192.0.2.1"),
      loadBalancerIP: "192.0.2.1",
    });
    const held = advertisement("192.0.2.1", { owner: web });
    const { snapshot: after } = rehearse(
      snapshot({ services: [web], pools: [pool()], advertisements: [held] }),
      createPlanner(),
      fields,
    );
    assert.deepEqual(texts(after.advertisements), ["192.0.2.1 remembered", "192.0.2.9 shop/web"]);
    assert.deepEqual(said(after), { allocated: addresses("192.0.2.9"), loadBalancerIP: "192.0.2.9", ingress: [] });
  });

  it("gives to one who waits what another gives up", () => {
    const leaves = service({ type: "ClusterIP" });
    const waits = service({ key: "blog/web" });
    const { snapshot: after } = rehearse(
      snapshot({
        services: [leaves, waits],
        pools: [pool({ addresses: ["192.0.2.1"] })],
        advertisements: [advertisement("192.0.2.1", { owner: leaves })],
      }),
      createPlanner(),
      fields,
    );
    assert.deepEqual(texts(after.advertisements), ["192.0.2.1 blog/web"]);
  });

  it("forgets what is over at its moment", () => {
    const past = advertisement("192.0.2.1", { released: released(service(), noonMs - 86_400_000) });
    const before = snapshot({ pools: [pool()], advertisements: [past] });
    assert.deepEqual(rehearse(before, createPlanner(), fields).snapshot.advertisements, []);
    const earlier = { ...before, nowMs: noonMs - 1 };
    assert.equal(rehearse(earlier, createPlanner(), fields).snapshot, earlier);
  });

  it("leaves spec.loadBalancerIP alone where the controller does", () => {
    const { snapshot: after } = rehearse(snapshot({ services: [service()], pools: [pool()] }), createPlanner(), {
      writeLoadBalancerIP: false,
    });
    assert.deepEqual(said(after), { allocated: addresses("192.0.2.0"), loadBalancerIP: "", ingress: [] });
  });

  it("writes no Service while addresses are only observed", () => {
    const web = service({ ingress: [{ ip: "192.0.2.7", ipMode: "VIP" }] });
    const before = snapshot({ services: [web], pools: [pool()], options: { observe: true } });
    const { snapshot: after } = rehearse(before, createPlanner(), fields);
    assert.deepEqual(texts(after.advertisements), ["192.0.2.7 shop/web"]);
    assert.equal(after.services[0], web);
  });

  it("throws if plans never come to an end", () => {
    const restless: Planner = ({ advertisements: [held] }) => ({
      changes: held ? [{ kind: "forget", advertisement: held }] : [claim("192.0.2.1", service())],
      outcomes: new Map(),
    });
    assert.throws(
      () => rehearse(snapshot(), restless, fields),
      /^Error: rehearse: 32 plans and still something to do$/,
    );
  });
});

/** A claim of an address that nobody had. */
function claim(text: string, owner: Service): LedgerChange {
  const { trafficPolicy, announcement } = advertisement(text);
  const spec = { address: address(text), pool: "public", services: [member(owner)], trafficPolicy, announcement };
  return { kind: "write", spec, joined: [owner], left: [] };
}

describe("a plan that is carried out in memory", () => {
  const nothing: Plan = { changes: [], outcomes: new Map() };

  it("is the very same snapshot if it says nothing, or nothing but what is so already", () => {
    const web = service({ allocated: addresses("192.0.2.1"), loadBalancerIP: "192.0.2.1" });
    const before = snapshot({
      services: [web],
      pools: [pool()],
      advertisements: [advertisement("192.0.2.1", { owner: web })],
    });
    assert.equal(carriedOut(before, nothing, fields), before);
    assert.equal(carriedOut(before, createPlanner()(before), fields), before);
  });

  it("is another one if only a Service's fields are written, or only the ledger", () => {
    const web = service();
    const held = snapshot({
      services: [web],
      pools: [pool()],
      advertisements: [advertisement("192.0.2.1", { owner: web })],
    });
    const written = carriedOut(held, createPlanner()(held), fields);
    assert.equal(said(written).loadBalancerIP, "192.0.2.1");
    assert.deepEqual(written.advertisements, held.advertisements);
    const orphaned = snapshot({ pools: [pool({ reuse: noReuse })], advertisements: held.advertisements });
    assert.deepEqual(texts(carriedOut(orphaned, createPlanner()(orphaned), fields).advertisements), ["192.0.2.1"]);
  });
});

describe("the ledger after changes", () => {
  it("has a new advertisement as the API server would make it: named by its address, placed nowhere, without a status", () => {
    const [made] = ledgerAfter([], [claim("2001:db8::1", service())], noonMs);
    const { name, createdMs, group, node, status } = made ?? {};
    assert.deepEqual([name, createdMs, group, node], ["2001-0db8-0000-0000-0000-0000-0000-0001", noonMs, "", ""]);
    assert.equal(status?.holder, "");
  });

  it("keeps of a changed one where it is placed, when it was made, and its status", () => {
    const before = advertisement("192.0.2.1", { owner: service(), group: "lan-1", node: "node2", createdMs: 7 });
    const heir = service({ key: "blog/web" });
    const { kind, ...write } = { ...claim("192.0.2.1", heir), before };
    assert.ok(kind === "write" && "spec" in write);
    const [after] = ledgerAfter([before], [{ kind, ...write }], noonMs);
    assert.deepEqual([after?.group, after?.node, after?.createdMs], ["lan-1", "node2", 7]);
    assert.equal(after?.status, before.status);
    assert.deepEqual(after?.services, [member(heir)]);
  });

  it("has a memory no more once somebody holds the address again", () => {
    const before = advertisement("192.0.2.1", { released: released(service()) });
    const change = claim("192.0.2.1", service());
    assert.ok(change.kind === "write");
    const [after] = ledgerAfter([before], [{ ...change, before }], noonMs);
    assert.equal(after && "released" in after, false);
  });

  it("has the others as they were, and not what is forgotten", () => {
    const [one, two] = [advertisement("192.0.2.1"), advertisement("192.0.2.2", { owner: service() })];
    const after = ledgerAfter([one, two], [{ kind: "forget", advertisement: one }], noonMs);
    assert.equal(after[0], two);
    assert.equal(after.length, 1);
  });
});

describe("a Service after its fields were written", () => {
  const outcome = (of: Service, ...held: readonly string[]): Outcome => ({
    service: of,
    addresses: addresses(...held),
    allocated: { type: "herald.dev/Allocated", status: "True", reason: "Allocated", message: "" },
  });

  it("is the very same if they are as they must be", () => {
    const web = service({ allocated: addresses("192.0.2.1"), loadBalancerIP: "192.0.2.1" });
    assert.equal(serviceAfter(outcome(web, "192.0.2.1"), fields), web);
    const none = service();
    assert.equal(serviceAfter(outcome(none), fields), none);
  });

  it("says what it holds, in order", () => {
    const after = serviceAfter(outcome(service(), "2001:db8::1", "192.0.2.1"), fields);
    assert.deepEqual(after.allocated, addresses("2001:db8::1", "192.0.2.1"));
    assert.equal(after.loadBalancerIP, "2001:db8::1");
  });

  it("says nothing of Herald's any more when it holds nothing, and keeps what is another's", () => {
    const web = service({
      allocated: addresses("192.0.2.1"),
      loadBalancerIP: "192.0.2.1",
      ingress: [{ ip: "192.0.2.1" }, { ip: "203.0.113.9" }],
    });
    const after = serviceAfter(outcome(web), fields);
    assert.equal("allocated" in after, false);
    assert.equal(after.loadBalancerIP, "");
    assert.deepEqual(after.ingress, [{ ip: "203.0.113.9" }]);
  });

  it("keeps a spec.loadBalancerIP that is somebody's ask", () => {
    const web = service({ loadBalancerIP: "203.0.113.9" });
    assert.equal(serviceAfter(outcome(web, "192.0.2.1"), fields).loadBalancerIP, "203.0.113.9");
  });

  it("stays as it shows while what it shows cannot become its own", () => {
    const web = service({ allocated: addresses("192.0.2.1") });
    const { allocated, ...rest } = outcome(web);
    const refused = { ...allocated, status: "False", reason: "AdoptionRefused" } as const;
    assert.equal(serviceAfter({ ...rest, allocated: refused }, fields), web);
  });
});
