import assert from "node:assert/strict";
import { it } from "node:test";
import type { Link } from "../../../src/linux/rtnetlink.ts";
import { ArpHiding } from "../../../src/speaker/arp-hiding.ts";

const link = (index: number, options: Partial<Link> = {}): Link => ({
  index,
  name: `eth${index}`,
  ethernet: true,
  loopback: false,
  up: true,
  mac: new Uint8Array(6),
  ...options,
});

/** What was looked at since the last call of `looked`, and what cannot be made strict. */
function world(...links: readonly Link[]) {
  const state = { links, loose: new Set<number>() };
  const looks: number[] = [];
  const hiding = new ArpHiding({
    links: () => state.links,
    makeStrict: ({ index, name }) => {
      looks.push(index);
      return state.loose.has(index) ? `set arp_ignore=1 on ${name}: EPERM` : undefined;
    },
  });
  const looked = (): readonly number[] => looks.splice(0);
  return { state, hiding, looked };
}

it("S102: looks at every Ethernet interface, also at one without an address, but not at lo and tunnels", () => {
  const lo = link(1, { loopback: true, ethernet: false });
  const { hiding, looked } = world(lo, link(2), link(3), link(4, { ethernet: false }));
  assert.equal(hiding.hide(), undefined);
  assert.deepEqual(looked(), [2, 3]);
});

it("S102: Given interfaces that cannot be made strict, Then why, first of those that are up, until they can", () => {
  const { state, hiding } = world(link(2, { up: false }), link(3));
  state.loose = new Set([2, 3]);
  assert.equal(hiding.hide(), "set arp_ignore=1 on eth3: EPERM; set arp_ignore=1 on eth2: EPERM");
  state.loose.delete(3);
  assert.equal(hiding.hide(), "set arp_ignore=1 on eth2: EPERM");
  state.loose.clear();
  assert.equal(hiding.hide(), undefined);
});

it("Given 200 interfaces that cannot be made strict, Then it tries three of them, and says so of three", () => {
  const { state, hiding, looked } = world(...Array.from({ length: 200 }, (_, i) => link(i)));
  state.loose = new Set(state.links.map(({ index }) => index));
  assert.equal(hiding.hide()?.split("; ").length, 3);
  assert.equal(looked().length, 3);
});

it("S102: Given an interface that is loosened later, or one that comes, Then the next look finds it", () => {
  const { state, hiding, looked } = world(link(2));
  hiding.hide();
  state.loose.add(2);
  assert.equal(hiding.hide(), "set arp_ignore=1 on eth2: EPERM");
  state.loose.clear();
  state.links = [link(2), link(5)];
  looked();
  assert.equal(hiding.hide(), undefined);
  assert.ok(looked().includes(5));
});

it("looks at 200 interfaces in turn, 20 each time, and at all within ten times", () => {
  const { hiding, looked } = world(...Array.from({ length: 200 }, (_, i) => link(i + 2)));
  hiding.hide();
  assert.equal(looked().length, 200);
  const turns = Array.from({ length: 10 }, () => {
    hiding.hide();
    return looked();
  });
  assert.deepEqual([Math.max(...turns.map(({ length }) => length)), new Set(turns.flat()).size], [20, 200]);
});

it("Given interfaces that are gone, Then it forgets them", () => {
  const { state, hiding, looked } = world(link(2), link(3));
  hiding.hide();
  state.links = [link(3)];
  hiding.hide();
  looked();
  state.links = [link(2), link(3)];
  hiding.hide();
  assert.deepEqual(looked(), [3, 2]);
});
