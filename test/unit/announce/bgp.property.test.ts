import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Announceable, type AnnouncerView, planAnnouncers } from "../../../src/announce/bgp-announcers.ts";
import { prefixKey } from "../../../src/announce/bgp-prefix.ts";
import { planRoutes, type Route, type RouteView, type Shutdown } from "../../../src/announce/bgp-routes.ts";
import type { Candidate } from "../../../src/announce/eligibility.ts";
import type { BgpAnnouncement } from "../../../src/api/bgp-announcement.ts";
import { type Address, addressKey } from "../../../src/net/address.ts";
import { maskedPrefix, prefixContains } from "../../../src/net/prefix.ts";
import { peer, routedVip } from "../../support/bgp-builders.ts";
import { clusterNode, vipNode } from "../../support/builders.ts";

const names = ["node1", "node2", "node3", "node4", "node5"];
const label = fc.constantFrom("a", "b");
const selector = fc.option(
  label.map((uplink) => ({ matchLabels: { uplink } })),
  { nil: undefined },
);

const howAnnounced = fc.record({
  selector,
  count: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  ipv4: fc.constantFrom(24, 30, 32),
  addressOnLo: fc.boolean(),
});

type How = typeof howAnnounced extends fc.Arbitrary<infer Value> ? Value : never;

function bgp({ selector: peerSelector, count, ipv4, addressOnLo }: How): Partial<BgpAnnouncement> {
  return {
    ...(peerSelector && { peerSelector }),
    ...(count !== undefined && { nodes: { count } }),
    aggregate: { ipv4, ipv6: 128 },
    addressOnLo,
  };
}

const vips = fc
  .uniqueArray(
    fc.record({
      last: fc.integer({ min: 0, max: 600 }),
      how: howAnnounced,
      local: fc.boolean(),
      announcers: fc.option(fc.subarray(names), { nil: undefined }),
    }),
    { selector: ({ last }) => last, maxLength: 12 },
  )
  .map((list) =>
    list.map(({ last, how, local, announcers }) =>
      routedVip(last % 5 === 0 ? `2001:db8::${last}` : `10.0.${last >> 8}.${last & 255}`, {
        bgp: bgp(how),
        trafficPolicy: local ? "Local" : "Cluster",
        ...(announcers && { announcers }),
      }),
    ),
  );

const peers = fc
  .array(
    fc.record({
      uplink: label,
      chosen: selector,
      internal: fc.boolean(),
      families: fc.subarray([4, 6] as const, { minLength: 1 }),
    }),
    { maxLength: 4 },
  )
  .map((list) =>
    list.map(({ uplink, chosen, internal, families }, i) =>
      peer({
        name: `peer${i}`,
        labels: { uplink },
        families,
        asn: internal ? 64_513 : 64_512,
        ...(chosen && { nodeSelector: chosen }),
      }),
    ),
  );

const shutdown = fc.constantFrom<Shutdown["phase"]>("none", "shutting", "over");

function viewOf(given: readonly Announceable[], among: RouteView["peers"], phase: Shutdown["phase"]): RouteView {
  const announced = new Set(
    given
      .filter((_, i) => i % 2 === 0)
      .map(({ address }) => prefixKey({ address, length: address.family === 4 ? 32 : 128 })),
  );
  return {
    vips: given,
    peers: among,
    node: { name: "node1", labels: { uplink: "a" }, shutdown: phase === "shutting" ? { phase, announced } : { phase } },
  };
}

function keysOf(list: readonly { readonly address: Address }[]): readonly string[] {
  return list.map(({ address }) => addressKey(address)).sort();
}

function heardOf({ addresses }: Route): readonly string[] {
  return addresses.map(addressKey);
}

describe("the routes of a node", () => {
  it("tell each peer of each address exactly once, or why not", () => {
    fc.assert(
      fc.property(vips, peers, shutdown, (given, among, phase) => {
        const { peers: told, unheard } = planRoutes(viewOf(given, among, phase));
        const all = keysOf(given);
        for (const { routes, absent } of told)
          assert.deepEqual([...routes.flatMap(heardOf), ...keysOf(absent)].sort(), all);
        const heard = new Set(told.flatMap(({ routes }) => routes.flatMap(heardOf)));
        assert.deepEqual(
          keysOf(unheard),
          all.filter((key) => !heard.has(key)),
        );
      }),
    );
  });

  it("name no prefix twice to one peer, none with host bits, and none without an address in it", () => {
    fc.assert(
      fc.property(vips, peers, (given, among) => {
        for (const { routes } of planRoutes(viewOf(given, among, "none")).peers) {
          assert.equal(new Set(routes.map(({ prefix }) => prefixKey(prefix))).size, routes.length);
          for (const { prefix, addresses } of routes) {
            assert.deepEqual(maskedPrefix(prefix), prefix);
            assert.ok(addresses.length > 0 && addresses.every((address) => prefixContains(prefix, address)));
          }
        }
      }),
    );
  });

  it("do not depend on the order of what is given", () => {
    fc.assert(
      fc.property(vips, peers, shutdown, (given, among, phase) => {
        const view = viewOf(given, among, phase);
        const turned = { ...view, vips: given.toReversed(), peers: among.toReversed() };
        assert.deepEqual(planRoutes(turned), planRoutes(view));
      }),
    );
  });

  it("never come by draining", () => {
    fc.assert(
      fc.property(vips, peers, (given, among) => {
        const keys = (phase: Shutdown["phase"]): readonly string[] =>
          planRoutes(viewOf(given, among, phase)).peers.flatMap(({ peer: { name }, routes }) =>
            routes.map(({ prefix }) => `${name} ${prefixKey(prefix)}`),
          );
        const before = new Set(keys("none"));
        assert.ok(keys("shutting").every((key) => before.has(key)));
        assert.deepEqual(keys("over"), []);
      }),
    );
  });
});

type Plan = ReturnType<typeof planAnnouncers>;

/** `address node` of each place that was there before and is not any more. */
function moved(before: Plan, after: Plan): readonly string[] {
  const places = (plan: Plan): readonly string[] =>
    [...plan].flatMap(([key, { announcers = [] }]) => announcers.map((name) => `${key} ${name}`));
  const there = new Set(places(after));
  return places(before).filter((place) => !there.has(place));
}

describe("the nodes that announce", () => {
  const candidates = (alive: readonly string[]): readonly Candidate[] =>
    alive.map((name) => ({ vipNode: vipNode(name), node: clusterNode(name), liveness: "alive" }));
  const view = (given: readonly Announceable[], alive: readonly string[]): AnnouncerView => ({
    vips: given.map((vip) => ({ ...vip, trafficPolicy: "Cluster" })),
    candidates: candidates(alive),
    peers: [peer({ labels: { uplink: "a" } }), peer({ name: "other", labels: { uplink: "b" } })],
    ranks: new Map(),
  });
  const applied = (given: readonly Announceable[], plan: Plan): readonly Announceable[] =>
    given.map(({ announcers: _, ...vip }) => {
      const { announcers } = plan.get(addressKey(vip.address)) ?? {};
      return { ...vip, ...(announcers && { announcers }) };
    });

  it("are as many as asked for, or all that there are", () => {
    fc.assert(
      fc.property(vips, fc.subarray(names, { minLength: 1 }), (given, alive) => {
        const plan = planAnnouncers(view(given, alive));
        for (const { address, announcement } of given) {
          const count = announcement.bgp?.nodes === "All" ? undefined : announcement.bgp?.nodes.count;
          const { announcers } = plan.get(addressKey(address)) ?? {};
          assert.equal(announcers?.length, count && Math.min(count, alive.length));
        }
      }),
    );
  });

  it("do not change when a plan that is applied is made again", () => {
    fc.assert(
      fc.property(vips, fc.subarray(names, { minLength: 1 }), (given, alive) => {
        const plan = planAnnouncers(view(given, alive));
        assert.deepEqual(planAnnouncers(view(applied(given, plan), alive)), plan);
      }),
    );
  });

  it("stay where they are when another node goes or comes: only a lost one's places move", () => {
    fc.assert(
      fc.property(vips, fc.constantFrom(...names), (given, lost) => {
        const before = planAnnouncers(view(given, names));
        const left = names.filter((name) => name !== lost);
        const during = planAnnouncers(view(applied(given, before), left));
        assert.deepEqual(
          moved(before, during).filter((place) => !place.endsWith(` ${lost}`)),
          [],
        );
        const after = planAnnouncers(view(applied(applied(given, before), during), names));
        assert.deepEqual(moved(during, after), []);
      }),
    );
  });

  it("do not depend on the order of what is given", () => {
    fc.assert(
      fc.property(vips, (given) => {
        const turned = view(given.toReversed(), names.toReversed());
        const sorted = (plan: Plan) => [...plan].sort(([a], [b]) => (a < b ? -1 : 1));
        assert.deepEqual(sorted(planAnnouncers(turned)), sorted(planAnnouncers(view(given, names))));
      }),
    );
  });
});
