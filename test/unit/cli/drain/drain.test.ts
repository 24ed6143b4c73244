import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AdvertisementObject } from "../../../../src/api/vip-advertisement.ts";
import type { VipNodeObject } from "../../../../src/api/vip-node.ts";
import { drainCommand } from "../../../../src/cli/drain/command.ts";
import { drain, undrain } from "../../../../src/cli/drain/drain.ts";
import type { DrainCluster } from "../../../../src/cli/drain/drain-cluster.ts";
import { noonMs } from "../../../support/builders.ts";
import { terminalStub } from "../terminal-stub.ts";

/** Where each address is at a moment: `{ "203.0.113.7": "node1" }`; a holder may be followed by where it is wanted, `node1>node2`. */
type Moment = Readonly<Record<string, string>>;

function advertisementsOf(moment: Moment): readonly AdvertisementObject[] {
  return Object.entries(moment).map(([address, place]) => {
    const [holder = "", node = holder] = place.split(">");
    const services = [{ namespace: "shop", name: `web${address.split(".").at(-1)}`, uid: "u" }];
    return { metadata: { name: address.replaceAll(".", "-") }, spec: { address, services, node }, status: { holder } };
  });
}

type World = DrainCluster & { drains: Record<string, boolean>; pauses: number };

/** A cluster whose addresses are where `moments` say, a moment further each time that is waited; the last one stays. */
function world(moments: readonly Moment[], parts: { readonly dead?: boolean; readonly oldCrds?: boolean } = {}): World {
  const now = (): Moment => moments[Math.min(made.pauses, moments.length - 1)] ?? {};
  const vipNode = (name: string): VipNodeObject => {
    const mine = Object.entries(now()).filter(([, place]) => place.split(">")[0] === name);
    const addresses = mine.map(([address]) => address);
    const announcing = [
      { protocol: "ARP" as const, interface: "eth0", addresses: parts.dead ? ["203.0.113.7"] : addresses },
    ];
    const spec = parts.oldCrds ? {} : { spec: { drain: made.drains[name] ?? false } };
    return { metadata: { name, generation: 1 }, ...spec, status: { announcing } };
  };
  const made: World = {
    drains: {},
    pauses: 0,
    vipNode: async (name) => (["node1", "node2"].includes(name) ? vipNode(name) : undefined),
    vipNodeNames: async () => ["node1", "node2"],
    setDrain: async (name, wanted) => {
      made.drains[name] = wanted;
      return vipNode(name);
    },
    advertisements: async () => advertisementsOf(now()),
    leases: async () => {
      const renewTime = new Date(noonMs - (parts.dead ? 60_000 : 0)).toISOString().replace("Z", "000Z");
      const spec = { holderIdentity: "node1", leaseDurationSeconds: 30, renewTime };
      return [{ metadata: { name: "herald-agent-node1" }, spec }];
    },
    pause: async () => {
      made.pauses += 1;
    },
    monotonicMs: () => made.pauses * 1000,
    wallMs: () => noonMs,
  };
  return made;
}

async function drained(cluster: World, waitMs?: number) {
  const terminal = terminalStub();
  const code = await drain("node1", waitMs, cluster, terminal);
  return { code, ...terminal.written };
}

const two: Moment = { "203.0.113.7": "node1", "203.0.113.8": "node1", "203.0.113.9": "node2" };

describe("herald drain", () => {
  it("asks that the addresses move, and says how many", async () => {
    const cluster = world([two]);
    assert.deepEqual(await drained(cluster), { code: 0, out: "node1 is being drained: 2 addresses move\n", err: "" });
    assert.deepEqual([cluster.drains, cluster.pauses], [{ node1: true }, 0]);
  });

  it("of a node that is drained already writes nothing", async () => {
    const cluster = world([{}]);
    cluster.drains.node1 = true;
    cluster.setDrain = () => assert.fail("it wrote");
    assert.equal((await drained(cluster)).out, "node1 is being drained already: it has no address\n");
  });

  it("waits until the node has none, and tells where each went as it goes", async () => {
    const moments = [
      two,
      { ...two, "203.0.113.8": "node2" },
      { ...two, "203.0.113.7": "node2", "203.0.113.8": "node2" },
    ];
    assert.deepEqual(await drained(world(moments), 60_000), {
      code: 0,
      out: [
        "node1 is being drained: 2 addresses move",
        "203.0.113.8 (shop/web8): node1 → node2",
        "203.0.113.7 (shop/web7): node1 → node2",
        "node1 has no address any more",
        "",
      ].join("\n"),
      err: "",
    });
  });

  it("tells what was released meanwhile, and what nobody took", async () => {
    const { out } = await drained(world([two, { "203.0.113.8": "", "203.0.113.9": "node2" }]), 60_000);
    assert.match(out, /203\.0\.113\.7 \(shop\/web7\): released\n/);
    assert.match(out, /203\.0\.113\.8 \(shop\/web8\): nobody, nobody answers for it\n/);
  });

  it("ends with 1 after its time, and says what is still there and why", async () => {
    const { code, out, err } = await drained(world([two, { ...two, "203.0.113.8": "node1>node2" }]), 3_000);
    assert.equal(code, 1);
    assert.doesNotMatch(out, /any more/);
    assert.equal(
      err,
      [
        "herald: after 3s node1 still answers for 2:",
        "  203.0.113.7 (shop/web7): no other node is given it",
        "  203.0.113.8 (shop/web8): wanted on node2, which does not hold it yet",
        "",
      ].join("\n"),
    );
  });

  it("does not wait for the word of an agent that is dead", async () => {
    const { code, out } = await drained(world([two, { "203.0.113.7": "node2" }], { dead: true }), 60_000);
    assert.deepEqual([code, out.split("\n").at(-2)], [0, "node1 has no address any more"]);
  });

  it("of a node that is not there says which are", async () => {
    const cluster = world([two]);
    const wrong = (): Promise<unknown> => drain("node9", undefined, cluster, terminalStub());
    await assert.rejects(wrong, { message: "there is no VIPNode node9; there are node1, node2" });
    cluster.vipNodeNames = async () => [];
    await assert.rejects(wrong, /there is none at all: the controller makes one for each node/);
  });

  it("says when the cluster's resources are too old for it", async () =>
    assert.rejects(drained(world([two], { oldCrds: true })), /no spec\.drain: kubectl apply -f crds\//));

  it("does not take a time that is none", async () => {
    const given = new Map([["timeout", ["soon"]]]);
    const call = { args: [["node1"]], given, terminal: terminalStub(), rows: [], program: "herald" };
    await assert.rejects(drainCommand.run(call), { name: "UsageError", message: /^--timeout: "soon" is no duration/ });
  });
});

describe("herald undrain", () => {
  it("lets the node be given addresses again, and moves none", async () => {
    const [cluster, terminal] = [world([two]), terminalStub()];
    cluster.drains.node1 = true;
    assert.equal(await undrain("node1", cluster, terminal), 0);
    assert.deepEqual(cluster.drains, { node1: false });
    assert.match(terminal.written.out, /^node1 may be given addresses again; what moved stays where it is/);
  });

  it("of a node that is not drained writes nothing", async () => {
    const [cluster, terminal] = [world([two]), terminalStub()];
    await undrain("node1", cluster, terminal);
    assert.deepEqual([cluster.drains, terminal.written.out], [{}, "node1 is not being drained\n"]);
  });
});

describe("herald drain of a node that announces addresses by BGP", () => {
  const routed = (holders: readonly string[]): readonly AdvertisementObject[] => [
    {
      metadata: { name: "203-0-113-7" },
      spec: {
        address: "203.0.113.7",
        services: [{ namespace: "shop", name: "web7", uid: "u" }],
        announcement: { bgp: {} },
      },
      status: { holder: holders[0] ?? "", holders: [...holders], protocol: "BGP" },
    },
  ];

  /** Node1 announces it until the second time that it is asked for, then these do. */
  function routedWorld(others: readonly string[]): World {
    const cluster = world([{}]);
    cluster.advertisements = async () => routed(cluster.pauses < 2 ? ["node1", ...others] : others);
    return cluster;
  }

  it("says that its routes are withdrawn, and who goes on", async () => {
    const { code, out } = await drained(routedWorld(["node2", "node3"]), 5000);
    assert.equal(code, 0);
    assert.deepEqual(out.split("\n"), [
      "node1 is being drained: its routes to 1 address are withdrawn",
      "203.0.113.7 (shop/web7): not by node1 any more, by node2, node3",
      "node1 has no address any more",
      "",
    ]);
  });

  it("counts what its agent announces, where so many nodes do that the claim does not name it", async () => {
    const cluster = world([{}]);
    const others = Array.from({ length: 16 }, (_, i) => `node${10 + i}`);
    const { vipNode } = cluster;
    cluster.advertisements = async () => routed(others);
    cluster.vipNode = async (name) => {
      const found = await vipNode(name);
      const announcing = [{ protocol: "BGP" as const, interface: "", addresses: ["203.0.113.7"] }];
      return found && { ...found, status: cluster.pauses < 2 ? { announcing } : {} };
    };
    const { code, out } = await drained(cluster, 5000);
    assert.deepEqual([code, cluster.pauses], [0, 2]);
    assert.match(
      out,
      /^node1 is being drained: its routes to 1 address are withdrawn\n203\.0\.113\.7 .*: not by node1/,
    );
  });

  describe("waits until it has left its routers", () => {
    const condition = (status: "True" | "False") => ({
      ...{ type: "Drained", status, reason: "", message: "BGP sessions have not ended yet", lastTransitionTime: "" },
    });
    const bgp = [
      { peer: "tor", state: "Established" as const, since: "2026-01-31T11:00:00Z", message: "", announced: 0 },
    ];
    /** Drained so, by pause. */
    const sessionWorld = (...statuses: readonly ("True" | "False" | undefined)[]): World => {
      const cluster = world([{}]);
      const { vipNode } = cluster;
      cluster.vipNode = async (name) => {
        const now = statuses[Math.min(cluster.pauses, statuses.length - 1)];
        const found = await vipNode(name);
        return found && { ...found, status: { bgp, conditions: now === undefined ? [] : [condition(now)] } };
      };
      return cluster;
    };

    it("which its agent says", async () => {
      const cluster = sessionWorld(undefined, "False", "True");
      const { code, out } = await drained(cluster, 5000);
      assert.deepEqual([code, cluster.pauses, out.split("\n").at(-2)], [0, 2, "node1 has no address any more"]);
    });

    it("and says so where that does not come about", async () => {
      const { code, err } = await drained(sessionWorld("False"), 3000);
      assert.equal(code, 1);
      assert.equal(err, "herald: after 3s node1 has not left its routers: BGP sessions have not ended yet\n");
    });

    it("but not for an agent that is dead", async () => {
      const cluster = sessionWorld("False");
      cluster.leases = world([{}], { dead: true }).leases;
      assert.equal((await drained(cluster, 3000)).code, 0);
    });
  });

  it("says that nobody announces it where no other does", async () => {
    const { out } = await drained(routedWorld([]), 5000);
    assert.match(out, /203\.0\.113\.7 \(shop\/web7\): nobody, no other announces it\nnode1 has no address any more/);
  });
});
