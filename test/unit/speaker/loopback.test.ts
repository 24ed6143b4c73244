import assert from "node:assert/strict";
import { it } from "node:test";
import { type Address, addressKey, formatAddress } from "../../../src/net/address.ts";
import { Loopback } from "../../../src/speaker/loopback.ts";
import { address, addresses } from "../../support/builders.ts";

/** Addresses on a lo that is only memory. */
function world() {
  const state = {
    there: new Set<string>(),
    foreign: new Set<string>(),
    loose: undefined as string | undefined,
    putFails: undefined as string | undefined,
    sweeps: [] as string[],
    troubles: [] as string[],
    lasts: (_: Address | undefined): boolean => false,
  };
  const list = (): string => [...state.there].join();
  const loopback = new Loopback({
    addresses: {
      put: ({ address: each }) => {
        if (state.putFails === undefined) state.there.add(formatAddress(each));
        return state.putFails;
      },
      has: (each) => state.there.has(formatAddress(each)),
      remove: (each) => void state.there.delete(formatAddress(each)),
      refresh: (_, mayLast) => {
        state.lasts = (each) => each !== undefined && mayLast(each);
        return [];
      },
      wakeAtMs: () => Number.POSITIVE_INFINITY,
      sweep: () => void state.sweeps.push(list()),
    },
    index: () => 1,
    others: () => state.foreign,
    hide: () => state.loose,
    trouble: (message) => void state.troubles.push(message),
  });
  const settle = (): string => {
    loopback.look();
    while (loopback.wakeAtMs() === 0) loopback.turn(0);
    loopback.turn(0);
    return list();
  };
  return { state, loopback, settle };
}

it("puts what is wanted on lo, takes away what is not, and sweeps what a predecessor left once the rest is there", () => {
  const { state, loopback, settle } = world();
  loopback.set(addresses("203.0.113.7", "2001:db8::7"));
  assert.equal(settle(), "203.0.113.7,2001:db8::7");
  loopback.set(addresses("2001:db8::7"));
  assert.equal(settle(), "2001:db8::7");
  loopback.set([]);
  assert.equal(settle(), "");
  assert.deepEqual([state.sweeps, state.troubles], [["203.0.113.7,2001:db8::7", "2001:db8::7", ""], []]);
});

it("S102: Given a LAN that would hear of them, Then IPv4 addresses are not on lo, and it says why until they may be", () => {
  const { state, loopback, settle } = world();
  loopback.set(addresses("203.0.113.7", "203.0.113.8", "2001:db8::7"));
  settle();
  state.loose = "set arp_ignore=1 on eth0: EPERM (needs CAP_NET_ADMIN)";
  assert.equal(settle(), "2001:db8::7");
  state.loose = undefined;
  assert.equal(settle(), "2001:db8::7,203.0.113.7,203.0.113.8");
  assert.deepEqual(state.troubles, [
    "203.0.113.7 and 1 more: set arp_ignore=1 on eth0: EPERM (needs CAP_NET_ADMIN)",
    "",
  ]);
});

it("tries again what could not be put, and leaves alone what somebody else put there", () => {
  const { state, loopback, settle } = world();
  state.putFails = "put address on the interface: EPERM (needs CAP_NET_ADMIN)";
  loopback.set([address("2001:db8::7")]);
  assert.equal(settle(), "");
  assert.deepEqual(state.troubles, [`2001:db8::7: ${state.putFails}`]);
  state.foreign.add(addressKey(address("2001:db8::7")));
  assert.equal(settle(), "");
  assert.deepEqual(state.troubles.slice(1), [""]);
  state.foreign.clear();
  state.putFails = undefined;
  assert.equal(settle(), "2001:db8::7");
});

it("puts a thousand there in pieces, so that answers come between them", () => {
  const { state, loopback } = world();
  loopback.set(Array.from({ length: 1_000 }, (_, i) => address(`10.0.${i >> 8}.${i & 255}`)));
  loopback.turn(0);
  assert.ok(state.there.size > 0 && state.there.size < 1_000);
  assert.equal(loopback.wakeAtMs(), 0);
});

it("takes a thousand away in pieces too, and makes none of them last meanwhile; one that is wanted again stays", () => {
  const { state, loopback, settle } = world();
  const all = Array.from({ length: 1_000 }, (_, i) => address(`10.0.${i >> 8}.${i & 255}`));
  loopback.set(all);
  settle();
  loopback.set([]);
  loopback.turn(0);
  assert.ok(state.there.size > 0 && state.there.size < 1_000);
  assert.deepEqual([loopback.wakeAtMs(), state.lasts(all[999])], [0, false]);
  loopback.set(all.slice(999));
  assert.equal(state.lasts(all[999]), true);
  assert.equal(settle(), "10.0.3.231");
});
