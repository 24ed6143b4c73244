/** What the administrator of a namespace prepares where Herald does not look, by class or while no controller runs, gains him nothing. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { ApiError, Method } from "../lab/api-client.ts";
import { type RunningController, startController } from "../support/controller-cluster.ts";
import { allocatedCondition, allocatedOf, ingressOf } from "../support/controller-objects.ts";
import { type Forbidden, forbidden, startTenancy, type Tenancy, victim } from "../support/tenant.ts";

const otherClass = "example.org/other";
const ourClass = "herald.dev/vip";

let tenancy: Tenancy;
let tenant: Tenancy["tenant"]["objects"];
let controller: RunningController;

before(async () => {
  tenancy = await startTenancy();
  tenant = tenancy.tenant.objects;
  controller = tenancy.controller;
});

after(async () => {
  tenancy?.agent.stop();
  await tenancy?.tenant.api.close();
  await controller?.stop();
  await tenancy?.plane.stop();
});

const familyOf = (address: string): object => (address.includes(":") ? { ipFamilies: ["IPv6"] } : {});
const shown = (ip: string): object => ({ status: { loadBalancer: { ingress: [{ ip, ipMode: "VIP" }] } } });

async function assertRefused(name: string, { address, word }: Forbidden, reason: string): Promise<void> {
  const told = await tenant.serviceIs(
    name,
    `is refused: ${reason}`,
    (each) => allocatedCondition(each)?.reason === reason,
  );
  assert.match(allocatedCondition(told)?.message ?? "", word);
  assert.ok(allocatedCondition(told)?.message.includes(address));
}

describe("Given a Service of another class, which shows what its owner likes", () => {
  it("When its class is changed to Herald's, Then the API server refuses", async () => {
    await tenant.createService("tenant/fixed", { loadBalancerClass: otherClass, loadBalancerIP: victim });
    await assert.rejects(
      tenant.patchService("tenant/fixed", { spec: { loadBalancerClass: ourClass } }),
      (error: ApiError) => error.status === 422 && /may not change once set/.test(error.message),
    );
  });

  for (const [index, row] of forbidden.entries())
    it(`When it comes to Herald by way of another type and shows ${row.what}, Then it is refused in words and nothing is claimed`, async () => {
      const before = await tenancy.ledger();
      const name = `tenant/class-${index}`;
      const spec = { ...familyOf(row.address), loadBalancerIP: row.address, loadBalancerClass: otherClass };
      await tenant.createService(name, spec, row.annotations);
      await tenant.patchServiceStatus(name, shown(row.address));
      await tenant.patchService(name, { spec: { type: "ClusterIP", loadBalancerClass: null, loadBalancerIP: null } });
      const back = { type: "LoadBalancer", loadBalancerClass: ourClass, loadBalancerIP: row.address };
      await tenant.patchService(name, { spec: back });
      const told = await tenant.refusal(name);
      assert.ok([row.reason, "AdoptionRefused"].includes(told.reason), told.reason);
      assert.match(told.message, row.word);
      assert.deepEqual(await tenancy.ledger(), before);
    });
});

describe("Given a Service that was made from the manifest of another tenant's, Herald's annotation included", () => {
  it("Then it is served as a new one, with an address of its own", async () => {
    await tenant.createService("tenant/copy", {}, { "herald.dev/allocated": victim });
    const copy = await tenant.serviceIs("tenant/copy", "is served", (each) => ingressOf(each).length > 0);
    assert.notEqual(allocatedOf(copy)?.[0], victim);
    assert.deepEqual(ingressOf(copy), allocatedOf(copy));
    assert.ok((await tenancy.ledger()).includes(`${victim} other/victim`));
  });
});

describe("Given no controller runs", () => {
  let ledgerBefore: readonly string[];

  before(async () => {
    await controller.stop();
    ledgerBefore = await tenancy.ledger();
    for (const [index, { address, annotations }] of forbidden.entries()) {
      const spec = { ...familyOf(address), loadBalancerIP: address };
      await tenant.createService(`tenant/early-${index}`, spec, annotations);
      await tenant.patchServiceStatus(`tenant/early-${index}`, shown(address));
    }
    controller = await startController(tenancy.plane);
  });

  for (const [index, row] of forbidden.entries())
    it(`When a Service asks for ${row.what} and shows it before Herald starts, Then it is not adopted`, async () => {
      await assertRefused(`tenant/early-${index}`, row, "AdoptionRefused");
    });

  it("Then nothing was claimed", async () => assert.deepEqual(await tenancy.ledger(), ledgerBefore));
});

describe("Given the administrator of a namespace", () => {
  const writes: readonly (readonly [Method, path: string])[] = [
    ["POST", "/apis/herald.dev/v1beta1/vipadvertisements"],
    ["PATCH", "/apis/herald.dev/v1beta1/vipadvertisements/192-0-2-1"],
    ["DELETE", "/apis/herald.dev/v1beta1/vipadvertisements/192-0-2-1"],
    ["PATCH", "/apis/herald.dev/v1beta1/vipadvertisements/192-0-2-1/status"],
    ["POST", "/apis/herald.dev/v1beta1/ippools"],
    ["PATCH", "/apis/herald.dev/v1beta1/ippools/others"],
    ["PATCH", "/apis/herald.dev/v1beta1/vipnodes/node1/status"],
    ["PATCH", "/apis/herald.dev/v1beta1/vipgroups/lan"],
    ["PATCH", "/apis/coordination.k8s.io/v1/namespaces/herald-system/leases/herald-controller"],
    ["PATCH", "/api/v1/namespaces/other/services/victim"],
  ];
  for (const [method, path] of writes)
    it(`When he calls ${method} ${path}, Then the API server refuses`, () =>
      assert.rejects(tenancy.tenant.api.call(method, path, {}), (error: ApiError) => error.status === 403));
});
