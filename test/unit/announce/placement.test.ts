import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Liveness } from "../../../src/announce/eligibility.ts";
import { type Placeable, type Placement, type PlacementView, planPlacements } from "../../../src/announce/placement.ts";
import { defaultAnnouncement } from "../../../src/api/announcement.ts";
import type { Endpoint } from "../../../src/api/endpoint-slice.ts";
import { excludeLabel } from "../../../src/api/node.ts";
import { addressKey } from "../../../src/net/address.ts";
import { address, advertisement, clusterNode, group, nodeInterface, service, vipNode } from "../../support/builders.ts";

const names = ["node1", "node2", "node3"];
const theGroup = "192-168-50-0-24-1";

type Changes = Partial<PlacementView> & { readonly live?: Readonly<Record<string, Liveness>> };

function view(addresses: readonly Placeable[], { live = {}, ...changes }: Changes = {}): PlacementView {
  const liveness = new Map(names.map((name): [string, Liveness] => [name, live[name] ?? "alive"]));
  return {
    addresses,
    vipNodes: names.map((name) => vipNode(name)),
    nodes: names.map((name) => clusterNode(name)),
    liveness,
    groups: [group(names)],
    endpointSlices: [],
    ...changes,
  };
}

const vip = (host: number, changes: Partial<Placeable> = {}): Placeable => ({
  ...advertisement(`192.168.50.${host}`, { owner: service() }),
  ...changes,
});

const vips = (count: number, changes: Partial<Placeable> = {}): readonly Placeable[] =>
  Array.from({ length: count }, (_, i) => vip(100 + i, changes));

const none: Placement = { node: "", group: "" };

const placed = (host: number, node: string): Placeable => vip(host, { node, group: theGroup });

function of(placeable: Placeable, placements: ReadonlyMap<string, Placement>): Placement {
  const placement = placements.get(addressKey(placeable.address));
  assert.ok(placement);
  return placement;
}

/** Where the only address goes. */
const placeOne = (placeable: Placeable, changes: Changes = {}): Placement =>
  of(placeable, planPlacements(view([placeable], changes)));

describe("placement", () => {
  it("gives a new address a node and its group", () => {
    assert.deepEqual(placeOne(vip(100)), { node: "node1", group: theGroup });
  });

  it("spreads new addresses so that nodes differ by one", () => {
    const all = planPlacements(view(vips(8)));
    const counts = names.map((name) => [...all.values()].filter(({ node }) => node === name).length);
    assert.deepEqual(counts, [3, 3, 2]);
  });

  it("counts what stays when it places what is new", () => {
    const stays = [placed(1, "node1"), placed(2, "node1"), placed(3, "node2")];
    const next = vip(4);
    assert.equal(of(next, planPlacements(view([next, ...stays]))).node, "node3");
  });

  it("leaves an address where it is, however unbalanced", () => {
    const stays = Array.from({ length: 5 }, (_, i) => placed(100 + i, "node2"));
    const all = planPlacements(view(stays));
    for (const each of stays) assert.deepEqual(of(each, all), { node: "node2", group: theGroup });
  });

  const lost: readonly { readonly name: string; readonly changes: Changes }[] = [
    { name: "is dead", changes: { live: { node2: "dead" } } },
    { name: "is leaving", changes: { live: { node2: "leaving" } } },
    { name: "has no VIPNode", changes: { vipNodes: [vipNode("node1"), vipNode("node3")] } },
    { name: "does not exist", changes: { nodes: [clusterNode("node1"), clusterNode("node3")] } },
    {
      name: "is excluded by label",
      changes: {
        nodes: names.map((name) => clusterNode(name, name === "node2" ? { labels: { [excludeLabel]: "" } } : {})),
      },
    },
    {
      name: "has no pod network",
      changes: { nodes: names.map((name) => clusterNode(name, { networkUnavailable: name === "node2" })) },
    },
    {
      name: "has its interface down",
      changes: {
        vipNodes: names.map((name) => vipNode(name, { interfaces: [nodeInterface({ up: name !== "node2" })] })),
      },
    },
    { name: "left the group", changes: { groups: [group(["node1", "node3"])] } },
  ];
  for (const { name, changes } of lost)
    it(`moves exactly the addresses of a node that ${name}`, () => {
      const addresses = [placed(1, "node1"), placed(2, "node2"), placed(3, "node3"), placed(4, "node2")];
      const all = planPlacements(view(addresses, changes));
      assert.deepEqual(
        addresses.map((each) => of(each, all).node),
        ["node1", "node1", "node3", "node3"],
      );
    });

  it("sees what has become of the very same objects", () => {
    const same = { ...view([]), addresses: [placed(1, "node2")] };
    const at = (changes: Partial<PlacementView>): Placement =>
      [...planPlacements({ ...same, ...changes }).values()][0] ?? none;
    assert.deepEqual(at({}), { node: "node2", group: theGroup });
    assert.equal(at({ groups: [group(names, { name: "renamed" })] }).group, "renamed");
    assert.equal(
      at({
        liveness: new Map([
          ["node1", "alive"],
          ["node2", "dead"],
        ]),
      }).node,
      "node1",
    );
    assert.equal(at({ nodes: [clusterNode("node1")] }).node, "node1");
    assert.equal(at({ vipNodes: [vipNode("node1"), vipNode("node2", { interfaces: [] })] }).node, "node1");
    assert.deepEqual(at({}), { node: "node2", group: theGroup });
  });

  it("gives a returning node nothing back", () => {
    assert.equal(placeOne(placed(1, "node3"), { live: { node2: "alive" } }).node, "node3");
  });

  it("leaves a node of unknown liveness what it has and gives it nothing new", () => {
    const addresses = [placed(1, "node1"), ...vips(4)];
    const all = planPlacements(view(addresses, { live: { node1: "unknown" } }));
    assert.deepEqual(
      addresses.map((each) => of(each, all).node),
      ["node1", "node2", "node3", "node2", "node3"],
    );
  });

  it("takes an address from an excluded node even while its liveness is unknown", () => {
    const nodes = names.map((name) => clusterNode(name, name === "node1" ? { labels: { [excludeLabel]: "" } } : {}));
    assert.equal(placeOne(placed(1, "node1"), { nodes, live: { node1: "unknown" } }).node, "node2");
  });
});

describe("the choice of node and group", () => {
  it("keeps to the nodes that the announcement selects", () => {
    const nodes = names.map((name) => clusterNode(name, { labels: { rack: name === "node3" ? "b" : "a" } }));
    const announcement = { ...defaultAnnouncement, nodeSelector: { matchLabels: { rack: "b" } } };
    assert.equal(placeOne(vip(1, { announcement }), { nodes }).node, "node3");
  });

  it("stays in the group of the address if one of it can take it", () => {
    const groups = [group(["node1"], { name: "g1" }), group(["node2", "node3"], { name: "g2" })];
    const moved = vip(1, { node: "node2", group: "g2" });
    const others = [placed(2, "node3"), placed(3, "node3")];
    const all = planPlacements(view([moved, ...others], { groups, live: { node2: "dead" } }));
    assert.deepEqual(of(moved, all), { node: "node3", group: "g2" });
  });

  it("uses the group of the LAN that the address is announced on", () => {
    const interfaces = [
      nodeInterface(),
      nodeInterface({ name: "eth1", subnets: ["10.0.0.1/24"], defaultRoute: false }),
    ];
    const groups = [group(["node1"]), group(["node1"], { name: "10-0-0-0-24-1", lan: "10.0.0.0/24" })];
    const ten = { ...vip(1), address: address("10.0.0.99") };
    const changes = { vipNodes: [vipNode("node1", { interfaces })], groups };
    assert.equal(placeOne(ten, changes).group, "10-0-0-0-24-1");
    assert.equal(placeOne(vip(1), changes).group, theGroup);
  });
});

describe("an address that no node can take", () => {
  it("is nowhere, and the reason says that there is no agent", () => {
    const { node, group: none, misplaced } = placeOne(vip(1), { vipNodes: [], groups: [] });
    assert.deepEqual([node, none, misplaced?.reason], ["", "", "NoAgent"]);
  });

  it("says why for each node", () => {
    const { misplaced } = placeOne(vip(1), { live: { node1: "dead", node2: "leaving", node3: "unknown" } });
    assert.deepEqual(misplaced, {
      reason: "NoEligibleNode",
      message:
        "the agent on node1 does not renew its Lease; the agent on node2 is stopping; " +
        "whether the agent on node3 lives is not known yet",
    });
  });

  for (const live of ["dead", "leaving"] as const)
    it(`stays on a node that is ${live}, for want of another`, () => {
      const all = { node1: live, node2: live, node3: live };
      const { node, group: kept, misplaced } = placeOne(placed(1, "node2"), { live: all });
      assert.deepEqual([node, kept, misplaced?.reason], ["node2", theGroup, "NoEligibleNode"]);
    });

  it("does not stay on a node that must not have it", () => {
    const nodes = names.map((name) => clusterNode(name, { labels: { [excludeLabel]: "" } }));
    assert.equal(placeOne(placed(1, "node2"), { nodes }).node, "");
  });

  it("waits for its group", () => {
    const { node, misplaced } = placeOne(vip(1), { groups: [] });
    assert.equal(node, "");
    assert.match(misplaced?.message ?? "", /^node node1 is in no group of LAN 192\.168\.50\.0\/24 yet/);
  });
});

describe("policy Local", () => {
  const endpoint = (node: string, ready: boolean, servingTerminating = false): Endpoint => ({
    node,
    ready,
    servingTerminating,
  });
  const slices = (...endpoints: readonly Endpoint[]): Changes => ({
    endpointSlices: endpoints.map((each) => ({ service: "shop/web", endpoints: [each] })),
  });
  const local = (node: string): Placeable => ({
    ...vip(1, { trafficPolicy: "Local" }),
    ...(node !== "" && { node, group: theGroup }),
  });

  const rows = [
    { name: "a new one goes to a ready endpoint", at: "", endpoints: [endpoint("node3", true)], want: "node3" },
    {
      name: "ready comes before terminating",
      at: "",
      endpoints: [endpoint("node2", false, true), endpoint("node3", true)],
      want: "node3",
    },
    { name: "terminating comes before none", at: "", endpoints: [endpoint("node2", false, true)], want: "node2" },
    { name: "one that is neither counts as none", at: "", endpoints: [endpoint("node2", false)], want: "node1" },
    { name: "without any endpoint it is placed all the same", at: "", endpoints: [], want: "node1" },
    {
      name: "it stays while its node has a ready endpoint",
      at: "node3",
      endpoints: names.map((name) => endpoint(name, true)),
      want: "node3",
    },
    {
      name: "it moves when its node loses the last ready one",
      at: "node3",
      endpoints: [endpoint("node3", false, true), endpoint("node2", true)],
      want: "node2",
    },
    { name: "it stays when all endpoints are gone", at: "node3", endpoints: [], want: "node3" },
    {
      name: "a ready endpoint on a foreign node moves nothing",
      at: "node3",
      endpoints: [endpoint("elsewhere", true)],
      want: "node3",
    },
    {
      name: "a node counts by its best endpoint, in whatever order they come",
      at: "node3",
      endpoints: [endpoint("node3", true), endpoint("node3", false), endpoint("node2", true)],
      want: "node3",
    },
    {
      name: "a node counts by its best endpoint",
      at: "node3",
      endpoints: [endpoint("node3", false), endpoint("node3", true)],
      want: "node3",
    },
  ];
  for (const { name, at, endpoints, want } of rows)
    it(name, () => assert.equal(placeOne(local(at), slices(...endpoints)).node, want));

  it("does not move to a dead node with a ready endpoint", () => {
    const changes = { ...slices(endpoint("node2", true)), live: { node2: "dead" as const } };
    assert.equal(placeOne(local("node3"), changes).node, "node3");
  });
});
