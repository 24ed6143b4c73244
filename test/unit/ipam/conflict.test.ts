import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addressKey } from "../../../src/net/address.ts";
import { address, addresses, noReuse, pool, reservation } from "../../support/builders.ts";
import { World } from "./world.ts";

const web = "shop/web";
const minute = 60_000;
const first = "192.0.2.0";

/** A Service that was given the first address, which another station has. */
function disputed(changes: Parameters<typeof pool>[0] = {}, asks: readonly string[] = []): World {
  const world = new World(pool(changes));
  const asked = asks.length === 0 ? {} : { asks: { addresses: addresses(...asks) } };
  return world.put(web, asked).settle().dispute(first).settle();
}

describe("an address that another station has when it is first used", () => {
  it("is replaced if Herald chose it, and the ledger says who had it", () => {
    const world = disputed();
    assert.deepEqual(world.addresses(web), ["192.0.2.1"]);
    const left = world.ledger.get(addressKey(address(first)));
    assert.deepEqual(left?.services, []);
    assert.match(left?.released?.conflict ?? "", /02:00:5e:10:00:99/);
  });

  it("is given to nobody for 10 minutes, not by choice, not by asking, and not to the one that had it", () => {
    const world = disputed();
    world
      .put("shop/api")
      .put("shop/db", { asks: { addresses: addresses(first) } })
      .settle();
    assert.deepEqual(world.addresses("shop/api"), ["192.0.2.2"]);
    assert.match(world.reason("shop/db"), /AddressCooling/);
    world.remove(web).settle().put(web, { uid: "anew" }).settle();
    assert.notDeepEqual(world.addresses(web), [first]);
    world.nowMs += 10 * minute;
    assert.deepEqual(world.settle().addresses("shop/db"), [first]);
  });

  it("is tried again after that, also by a pool that remembers nothing", () => {
    const world = disputed({ reuse: noReuse });
    assert.ok(world.ledger.has(addressKey(address(first))));
    assert.equal(world.plan.wakeAtMs, world.nowMs + 10 * minute);
    world.conflicts.clear();
    world.nowMs += 10 * minute;
    assert.deepEqual(world.put("shop/api").settle().addresses("shop/api"), [first]);
  });

  it("stays if it was asked for, and waits", () => {
    assert.deepEqual(disputed({}, [first]).addresses(web), [first]);
  });

  it("stays if it is reserved, and waits", () => {
    assert.deepEqual(disputed({ reservations: [reservation(first, web)] }).addresses(web), [first]);
  });

  it("stays while there is no other, and says so", () => {
    const world = disputed({ addresses: [`${first}/32`] });
    assert.deepEqual(world.addresses(web), [first]);
    assert.match(world.reason(web), /^True RequestRefused|^True PoolExhausted/);
  });
});
