import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Placeable } from "../../../src/announce/field.ts";
import { type Placement, planPlacements } from "../../../src/announce/placement.ts";
import { respectNothing } from "../../../src/announce/standing.ts";
import { isOnLan, withRoutes } from "../../../src/announce/ways.ts";
import { defaultArp } from "../../../src/api/announcement.ts";
import { type BgpAnnouncement, defaultBgp } from "../../../src/api/bgp-announcement.ts";
import type { BgpPeer } from "../../../src/api/bgp-peer.ts";
import { addressKey } from "../../../src/net/address.ts";
import { peer } from "../../support/bgp-builders.ts";
import { clusterNode, vipNode } from "../../support/builders.ts";
import { type Changes, names, of, view, vip } from "./placement-view.ts";

type Scene = Changes & { readonly peers?: readonly BgpPeer[] };

function plan(addresses: readonly Placeable[], { peers = [peer()], ...changes }: Scene = {}) {
  const all = view(addresses, changes);
  return withRoutes(planPlacements({ ...all, addresses: addresses.filter(isOnLan) }), { ...all, peers });
}

const placeOne = (placeable: Placeable, scene?: Scene): Placement => of(placeable, plan([placeable], scene));
const how = (changes: Partial<BgpAnnouncement> = {}): BgpAnnouncement => ({ ...defaultBgp, ...changes });
const routed = (changes: Partial<BgpAnnouncement> = {}, others: Partial<Placeable> = {}): Placeable =>
  vip(7, { announcement: { bgp: how(changes) }, ...others });
const both = (changes: Partial<BgpAnnouncement> = {}): Placeable =>
  vip(7, { announcement: { arp: defaultArp, bgp: how(changes) } });
const two = { nodes: { count: 2 } };
const elsewhere = vipNode("node1", { interfaces: [] });

describe("an address that is announced by BGP alone", () => {
  it("is in no group and on no node, and every eligible node announces it", () => {
    assert.deepEqual(placeOne(routed()), { group: "", node: "" });
  });

  it("leaves the node that it was on when it was announced on the LAN", () => {
    assert.deepEqual(placeOne(routed({}, { group: "g", node: "node1", candidates: ["node1"] })), {
      group: "",
      node: "",
    });
  });

  it("wants no interface of any node", () => {
    const vipNodes = names.map((name) => vipNode(name, { interfaces: [], conditions: [ready] }));
    assert.equal(placeOne(routed(), { vipNodes }).misplaced, undefined);
  });

  it("S76: has as many announcers as its pool says, and a third one joins the two when it is one more", () => {
    const { announcers: first = [] } = placeOne(routed(two));
    assert.equal(first.length, 2);
    const more = placeOne(routed({ nodes: { count: 3 } }, { announcers: first }));
    assert.deepEqual(more.announcers, names);
  });

  it("S104: has another announcer in the place of a node that was lost, the other stays", () => {
    const { announcers: [kept = "", lost = ""] = [] } = placeOne(routed(two));
    const after = placeOne(routed(two, { announcers: [kept, lost] }), { live: { [lost]: "dead" } }).announcers;
    assert.ok(after?.includes(kept) && !after.includes(lost) && after.length === 2, String(after));
  });

  it("is nowhere without a peer, and the reason says so", () => {
    const { misplaced } = placeOne(routed(), { peers: [] });
    assert.deepEqual(misplaced, {
      reason: "NoEligibleNode",
      message: "no BGPPeer hears of the address from node1, node2, node3",
    });
  });

  it("S32: needs no BGPPeer where a node's annotations name a router", () => {
    const bgp = [{ peer: "node1/192.0.2.1", state: "Established", since: "", message: "", announced: 0 }] as const;
    const vipNodes = [vipNode("node1", { bgp }), vipNode("node2"), vipNode("node3")];
    const found = placeOne(routed(two), { peers: [], vipNodes });
    assert.deepEqual([found.announcers, found.misplaced], [["node1"], undefined]);
  });

  it("goes on under policy Local when its pool begins to announce whole prefixes: it has a route of its own", () => {
    const aggregated = routed({ aggregate: { ipv4: 24, ipv6: 128 } }, { trafficPolicy: "Local", readySeen: true });
    const endpoints = [{ node: "node2", ready: true, servingTerminating: false }];
    const { announcers, misplaced } = placeOne(aggregated, {
      endpointSlices: [{ service: "shop/web", endpoints }],
    });
    assert.deepEqual([announcers, misplaced], [["node2"], undefined]);
  });

  it("names those that announce it while a node is closed, and nobody any more when it is open again", () => {
    const closed = (cordoned: string) => ({
      nodes: names.map((name) => clusterNode(name, { cordoned: name === cordoned })),
      respect: { cordon: true, outOfService: false },
    });
    assert.deepEqual(placeOne(routed(), closed("node2")).announcers, ["node1", "node3"]);
    assert.equal(placeOne(routed(), closed("")).announcers, undefined);
    assert.equal(placeOne(routed(), { ...closed("node2"), respect: respectNothing }).announcers, undefined);
  });
});

const ready = { type: "Ready", status: "True", reason: "Ready", message: "", lastTransitionTime: "" } as const;

describe("an address that is announced in both ways", () => {
  it("is on one node of the LAN, and routers hear of it from all", () => {
    const found = placeOne(both());
    assert.ok(names.includes(found.node) && found.group !== "");
    assert.deepEqual([found.announcers, found.misplaced, found.besides], [undefined, undefined, undefined]);
  });

  it("is not misplaced if one of the two works, and says why the other does not", () => {
    const withoutPeers = placeOne(both(), { peers: [] });
    assert.equal(withoutPeers.misplaced, undefined);
    assert.match(withoutPeers.besides ?? "", /^not by BGP: no BGPPeer hears/);
    const vipNodes = names.map((name) => vipNode(name, { interfaces: [], conditions: [ready] }));
    const withoutLan = placeOne(both(), { vipNodes });
    assert.equal(withoutLan.misplaced, undefined);
    assert.match(withoutLan.besides ?? "", /^not on the LAN: node node1: /);
  });

  it("is misplaced if neither works, and says why of both", () => {
    const vipNodes = names.map((name) => vipNode(name, { interfaces: [], conditions: [ready] }));
    const { misplaced } = placeOne(both(), { peers: [], vipNodes });
    assert.match(misplaced?.message ?? "", /^on the LAN: node node1: .*; by BGP: no BGPPeer/);
  });

  it("is under policy Local only where a ready endpoint is, and noted so once for both", () => {
    const endpoints = [{ node: "node2", ready: true, servingTerminating: false }];
    const found = placeOne(
      { ...both(), trafficPolicy: "Local" },
      { endpointSlices: [{ service: "shop/web", endpoints }] },
    );
    assert.deepEqual([found.node, found.announcers, found.readySeen], ["node2", ["node2"], true]);
  });
});

describe("any addresses, nodes and announcers", () => {
  const announcement = fc.record(
    {
      arp: fc.constant(defaultArp),
      bgp: fc.integer({ min: 0, max: 4 }).map((count) => how(count === 0 ? {} : { nodes: { count } })),
    },
    { requiredKeys: [] },
  );
  const addresses = fc
    .array(
      fc.record({ announcement, local: fc.boolean(), earlier: fc.option(fc.subarray(names), { nil: undefined }) }),
      {
        maxLength: 8,
      },
    )
    .map((list) =>
      list.map(({ announcement, local, earlier }, i) =>
        vip(100 + i, {
          announcement,
          trafficPolicy: local ? "Local" : "Cluster",
          ...(earlier && announcement.bgp && { announcers: earlier }),
        }),
      ),
    );
  const dead = fc.subarray(names);

  it("leave the LAN's placements as they are without BGP, and put nothing on a node that is announced by BGP alone", () => {
    fc.assert(
      fc.property(addresses, dead, (all, gone) => {
        const live = Object.fromEntries(gone.map((name) => [name, "dead" as const]));
        const found = plan(all, { live });
        const onLan = planPlacements(view(all.filter(isOnLan), { live }));
        for (const each of all) {
          const { group = "", node = "" } = onLan.get(addressKey(each.address)) ?? {};
          const after = found.get(addressKey(each.address));
          assert.deepEqual([after?.group ?? "", after?.node ?? ""], [group, node]);
        }
      }),
    );
  });

  it("have only living announcers while there are any, and at most as many as wanted", () => {
    fc.assert(
      fc.property(addresses, dead, (all, gone) => {
        fc.pre(gone.length < names.length);
        const found = plan(all, { live: Object.fromEntries(gone.map((name) => [name, "dead" as const])) });
        for (const each of all.filter(isCounted)) {
          const { announcers = [] } = found.get(addressKey(each.address)) ?? {};
          assert.ok(announcers.length <= countOf(each) && announcers.length > 0 && !announcers.some(isIn(gone)));
        }
      }),
    );
  });

  it("have none without BGP", () => {
    fc.assert(
      fc.property(addresses, (all) => {
        const found = plan(all);
        for (const each of all.filter(({ announcement: { bgp } }) => bgp === undefined))
          assert.equal(found.get(addressKey(each.address))?.announcers, undefined);
      }),
    );
  });

  it("are settled by one plan: what it said changes nothing in the next", () => {
    fc.assert(
      fc.property(addresses, (all) => {
        const first = plan(all);
        const after = all.map((each) => ({ ...each, ...withoutWords(first.get(addressKey(each.address))) }));
        const second = plan(after);
        for (const each of after)
          assert.deepEqual(second.get(addressKey(each.address)), first.get(addressKey(each.address)));
      }),
    );
  });
});

function countOf({ announcement: { bgp } }: Placeable): number {
  return bgp === undefined || bgp.nodes === "All" ? 0 : bgp.nodes.count;
}

function isCounted(placeable: Placeable): boolean {
  return countOf(placeable) > 0;
}

function isIn(list: readonly string[]): (name: string) => boolean {
  return (name) => list.includes(name);
}

function withoutWords(placement: Placement | undefined): Partial<Placeable> {
  const { misplaced: _, besides: __, ...place } = placement ?? { group: "", node: "" };
  return place;
}

it("a node that reported nothing yet is no announcer", () => {
  const vipNodes = [elsewhere, vipNode("node2"), vipNode("node3")];
  assert.deepEqual(placeOne(routed({ nodes: { count: 3 } }), { vipNodes }).announcers, ["node2", "node3"]);
});
