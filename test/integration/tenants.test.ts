/** The administrator of a namespace gets no address that is not his to have, whichever way he asks: no claim, and a reason in words. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { allocatedCondition, allocatedOf, ingressOf } from "../support/controller-objects.ts";
import { type Forbidden, forbidden, startTenancy, type Tenancy, victim } from "../support/tenant.ts";

let tenancy: Tenancy;
let tenant: Tenancy["tenant"]["objects"];
let ledger: Tenancy["ledger"];

before(async () => {
  tenancy = await startTenancy();
  tenant = tenancy.tenant.objects;
  ledger = tenancy.ledger;
});

after(async () => {
  tenancy?.agent.stop();
  await tenancy?.tenant.api.close();
  await tenancy?.controller.stop();
  await tenancy?.plane.stop();
});

const familyOf = (address: string): object => (address.includes(":") ? { ipFamilies: ["IPv6"] } : {});

/** Every way to ask for an address by a manifest. */
const ways: readonly (readonly [
  way: string,
  ask: (address: string) => { readonly spec?: object; readonly annotations?: object },
])[] = [
  ["spec.loadBalancerIP", (loadBalancerIP) => ({ spec: { loadBalancerIP } })],
  ...[
    "herald.dev/addresses",
    "metallb.io/loadBalancerIPs",
    "metallb.universe.tf/loadBalancerIPs",
    "kube-vip.io/loadbalancerIPs",
    "lbipam.cilium.io/ips",
    "io.cilium/lb-ipam-ips",
    "purelb.io/addresses",
  ].map((key) => [`annotation ${key}`, (address: string) => ({ annotations: { [key]: address } })] as const),
];

/** Fails unless the Service is refused for this reason, in words that name the address. */
async function assertNamed(name: string, { address, word }: Forbidden, reason: string): Promise<void> {
  const told = await tenant.refusal(name);
  assert.equal(told.reason, reason, told.message);
  assert.match(told.message, word);
  assert.ok(told.message.includes(address), told.message);
}

describe("Given the administrator of a namespace", () => {
  for (const [index, row] of forbidden.entries())
    it(`When he asks for ${row.what} in any way, Then he is refused in words and nothing is claimed`, async () => {
      const before = await ledger();
      for (const [i, [, ask]] of ways.entries()) {
        const { spec = {}, annotations = {} } = ask(row.address);
        const name = `tenant/ask-${index}-${i}`;
        await tenant.createService(name, { ...familyOf(row.address), ...spec }, { ...row.annotations, ...annotations });
        await assertNamed(name, row, row.reason);
        assert.equal(allocatedOf(await tenant.service(name)), undefined);
      }
      assert.deepEqual(await ledger(), before);
    });

  for (const [index, row] of forbidden.entries())
    it(`When he makes a Service with ${row.what} in the annotation that Herald writes, Then that address is not given to it`, async () => {
      const name = `tenant/annotated-${index}`;
      const annotations = { ...row.annotations, "herald.dev/allocated": row.address };
      await tenant.createService(name, familyOf(row.address), annotations);
      const told = await tenant.serviceIs(name, "is told of", (each) => allocatedCondition(each) !== undefined);
      const isServed = allocatedCondition(told)?.status === "True";
      if (!isServed) await assertNamed(name, row, "AdoptionRefused");
      const held = (await ledger()).filter((each) => each.includes(`${name},`) || each.endsWith(name));
      assert.equal(held.length, isServed ? 1 : 0);
      assert.ok(!held.includes(`${row.address} ${name}`));
      await tenant.deleteService(name);
      await tenancy.cluster.released(name);
    });

  for (const [index, row] of forbidden.entries())
    it(`When he writes ${row.what} into the status of a Service that waits, Then it does not become its own`, async () => {
      const name = `tenant/status-${index}`;
      const before = await ledger();
      const annotations = { ...row.annotations, "herald.dev/pool": "absent" };
      await tenant.createService(name, familyOf(row.address), annotations);
      assert.equal((await tenant.refusal(name)).reason, "PoolNotFound");
      const status = { loadBalancer: { ingress: [{ ip: row.address, ipMode: "VIP" }] } };
      await tenant.patchServiceStatus(name, { status });
      await tenant.serviceIs(name, "is told of it", (each) => allocatedCondition(each)?.reason === "AdoptionRefused");
      await assertNamed(name, row, "AdoptionRefused");
      assert.deepEqual(await ledger(), before);
    });

  it("When he writes another tenant's address into the status of a Service that has one, Then it is put right", async () => {
    await tenant.createService("tenant/own");
    const own = await tenant.serviceIs("tenant/own", "is served", (each) => ingressOf(each).length > 0);
    const before = await ledger();
    for (const ip of [victim, "192.168.50.1"]) {
      await tenant.patchServiceStatus("tenant/own", { status: { loadBalancer: { ingress: [{ ip }] } } });
      await tenant.serviceIs("tenant/own", "is put right", (each) => ingressOf(each)[0] === ingressOf(own)[0]);
    }
    assert.deepEqual(await ledger(), before);
  });

  it("When he writes another tenant's address where Herald writes what it gave, Then it is put right", async () => {
    const [own] = (await tenant.allocated("tenant/own")) ?? [];
    const before = await ledger();
    await tenant.patchService("tenant/own", { metadata: { annotations: { "herald.dev/allocated": victim } } });
    await tenant.serviceIs("tenant/own", "is put right", (each) => allocatedOf(each)?.[0] === own);
    assert.deepEqual(await ledger(), before);
  });

  it("When he asks for another tenant's address for a Service that has one, Then it keeps its own and is told why", async () => {
    const before = await ledger();
    await tenant.patchService("tenant/own", { metadata: { annotations: { "herald.dev/addresses": victim } } });
    const refused = await tenant.serviceIs(
      "tenant/own",
      "is refused its request",
      (each) => allocatedCondition(each)?.reason === "RequestRefused",
    );
    assert.match(allocatedCondition(refused)?.message ?? "", /192\.0\.2\.1 belongs to other\/victim; keeps/);
    assert.deepEqual(await ledger(), before);
  });

  it("When he names a pool that does not select him, Then he is refused in words", async () => {
    const before = await ledger();
    await tenant.createService("tenant/by-pool", {}, { "herald.dev/pool": "others" });
    const told = await tenant.refusal("tenant/by-pool");
    assert.deepEqual(
      [told.reason, told.message],
      ["NamespaceNotSelected", "pool others does not select namespace tenant"],
    );
    assert.deepEqual(await ledger(), before);
  });
});
