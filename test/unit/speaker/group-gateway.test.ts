import assert from "node:assert/strict";
import { it } from "node:test";
import type { WitnessRequest } from "../../../src/announce/votes/inputs.ts";
import type { Address } from "../../../src/net/address.ts";
import { GroupGateway } from "../../../src/speaker/group-gateway.ts";
import { address } from "../../support/builders.ts";

const place = { interface: "eth0", address: address("192.168.50.11") };
const router = address("192.168.50.1");
const take: WitnessRequest = { id: 1, kind: "take", resourceVersion: "7" };
const get: WitnessRequest = { id: 2, kind: "get" };

function world(of: Address | "none" | "down" = router) {
  const asked: number[] = [];
  const gateway = new GroupGateway(100, { of: () => of, ask: () => void asked.push(asked.length) });
  return { gateway, asked };
}

it("takes the gateway for there while all is well, and for gone while its interface is down and a member silent", () => {
  assert.equal(world("down").gateway.look(place, 0, 0), true);
  assert.equal(world("down").gateway.look(place, 1, 0), false);
  assert.equal(world("none").gateway.look(place, 1, 0), true);
});

it("neither asks nor wakes again and again where there is no router", () => {
  const { gateway, asked } = world("none");
  for (let ms = 0; ms < 1_000; ms += 10) {
    gateway.look(place, 1, ms);
    assert.ok(gateway.wakeAtMs() > ms);
  }
  assert.deepEqual(asked, []);
});

it("lets every request through at once but one to take the witness", () => {
  assert.deepEqual(world().gateway.vet(get, place, 0), { passed: [get], refused: [] });
  assert.deepEqual(world("none").gateway.vet(take, place, 0), { passed: [take], refused: [] });
});

it("asks the gateway before it lets the witness be taken, and does so once it answers", () => {
  const { gateway, asked } = world();
  assert.deepEqual([gateway.vet(take, place, 0), asked.length], [{ passed: [], refused: [] }, 1]);
  gateway.heardStation(place, address("192.168.50.9"), 10);
  assert.deepEqual(gateway.vet(undefined, place, 10), { passed: [], refused: [] });
  gateway.heardStation(place, router, 20);
  assert.deepEqual(gateway.vet(undefined, place, 20), { passed: [take], refused: [] });
  assert.deepEqual(gateway.vet(undefined, place, 30), { passed: [], refused: [] });
});

it("refuses the witness when the gateway is silent, however lately it answered before", () => {
  const { gateway } = world();
  gateway.look(place, 1, 0);
  gateway.heardStation(place, router, 5);
  gateway.vet(take, place, 10);
  assert.equal(gateway.wakeAtMs() <= 70, true);
  assert.deepEqual(gateway.vet(undefined, place, 69), { passed: [], refused: [] });
  assert.deepEqual(gateway.vet(undefined, place, 70), { passed: [], refused: [take] });
});
