import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { VipNodeObject } from "../../../../src/api/vip-node.ts";
import { votingOf } from "../../../../src/cli/node-objects.ts";
import { listing } from "../../../../src/cli/nodes/command.ts";
import { type NodeRow, nodeRows } from "../../../../src/cli/nodes/node-row.ts";
import { printList } from "../../../../src/cli/output.ts";
import type { Lease } from "../../../../src/kube/lease.ts";
import { noonMs } from "../../../support/builders.ts";
import { terminalStub } from "../terminal-stub.ts";

const created = "2026-01-31T11:00:00Z";
const lan = "192.168.50.0/24";
const members = ["node1", "node2", "node3"];

type Status = NonNullable<VipNodeObject["status"]>;

function nodeObject(name: string, status: Status = {}, spec: VipNodeObject["spec"] = {}): VipNodeObject {
  return { metadata: { name, creationTimestamp: created }, spec, status };
}

function hearing(hears: readonly string[], changes: { epoch?: number; quorum?: boolean } = {}): Status {
  return { groups: [{ name: "lan-1", epoch: 4, quorum: hears.length > 0, hears: [...hears], ...changes }] };
}

const announcing: Status["announcing"] = [{ protocol: "ARP", interface: "eth0", addresses: ["203.0.113.7"] }];

function leaseOf(name: string, secondsAgo = 5): Lease {
  const renewTime = new Date(noonMs - secondsAgo * 1000).toISOString().replace("Z", "000Z");
  return {
    metadata: { name: `herald-agent-${name}` },
    spec: { holderIdentity: name, leaseDurationSeconds: 30, renewTime },
  };
}

type Parts = {
  readonly leases?: readonly Lease[] | undefined;
  readonly list?: { readonly byLease?: boolean; readonly members?: string[] };
};

function rows(vipNodes: readonly VipNodeObject[], parts: Parts = {}): readonly NodeRow[] {
  const spec = { lan, members, ...parts.list };
  const groups = [{ metadata: { name: "lan-1", generation: 4 }, spec }];
  const leases = "leases" in parts ? parts.leases : vipNodes.map(({ metadata }) => leaseOf(metadata.name));
  const objects = { vipNodes, groups, leases };
  return nodeRows(objects, votingOf(objects, noonMs), noonMs);
}

function row(object: VipNodeObject, parts: Parts = {}): NodeRow {
  return rows([object], parts)[0] ?? assert.fail("no row");
}

describe("a node with BGP sessions", () => {
  const since = created;
  const up = { peer: "tor-a", state: "Established" as const, since, message: "", announced: 1 };
  const down = { ...up, peer: "tor-b", state: "Active" as const, message: "connection refused" };
  const bgp = [up, down];

  it("says how many are established, and why others are not", () => {
    const { sessions, remarks } = row(nodeObject("node4", { bgp }));
    assert.deepEqual([sessions, remarks], [{ established: 1, wanted: 2 }, ["NoSession: tor-b: connection refused"]]);
  });

  it("shows the numbers with -o wide", async () => {
    const terminal = terminalStub();
    await printList([row(nodeObject("node4", { bgp, announcing }))], listing(noonMs), "wide", terminal);
    assert.match(terminal.written.out, / 1 +1\/2 +no /);
  });

  it("counts an address once that it also answers for on the LAN", () => {
    const twice = [...(announcing ?? []), { protocol: "BGP" as const, interface: "", addresses: ["203.0.113.7"] }];
    assert.deepEqual(row(nodeObject("node4", { announcing: twice })).addresses, ["203.0.113.7"]);
  });

  it("says nothing of them once its agent is dead", () => {
    const { sessions, remarks } = row(nodeObject("node4", { bgp }), { leases: [] });
    assert.deepEqual([sessions, remarks], [undefined, ["AgentDead: no agent runs"]]);
  });
});

describe("a node", () => {
  it("that lives says whom it hears, what it answers for, and that it has a quorum", () => {
    const node = row(nodeObject("node1", { ...hearing(["node2", "node3"]), announcing }));
    assert.deepEqual(
      [node.agent, node.renewed, node.addresses, node.drain, node.remarks],
      ["alive", "2026-01-31T11:59:55Z", ["203.0.113.7"], "no", []],
    );
    const [group] = node.groups;
    assert.deepEqual([group?.quorum, group?.hears, group?.others, group?.epoch], [true, ["node2", "node3"], 2, 4]);
  });

  it("whose agent is dead is not believed any more", () => {
    const said = { ...hearing(["node2", "node3"]), announcing };
    const node = row(nodeObject("node1", said), { leases: [leaseOf("node1", 31)] });
    assert.deepEqual([node.agent, node.addresses, node.groups[0]?.quorum], ["dead", [], false]);
    assert.deepEqual(node.remarks, ["AgentDead: the agent on node1 does not renew its Lease"]);
  });

  const remarks: readonly {
    readonly name: string;
    readonly object: VipNodeObject;
    readonly parts?: Parts;
    readonly want: readonly string[];
  }[] = [
    {
      name: "without a Lease has no agent",
      object: nodeObject("node1"),
      parts: { leases: [] },
      want: ["AgentDead: no agent runs"],
    },
    {
      name: "that hears nobody has no quorum",
      object: nodeObject("node1", hearing([])),
      want: ["NoQuorum: node node1 hears too few members of group lan-1"],
    },
    {
      name: "that goes by an old list says so",
      object: nodeObject("node1", hearing(["node2"], { epoch: 3 })),
      want: ["goes by epoch 3 of group lan-1, which is at 4"],
    },
    {
      name: "that has said nothing of its group says so",
      object: nodeObject("node1", {}),
      want: ["its agent has not said yet whether it votes in group lan-1"],
    },
    {
      name: "alone by its Lease says why",
      object: nodeObject("node1", hearing([], { quorum: true })),
      parts: { list: { members: ["node1"], byLease: true } },
      want: ["HeartbeatsBlocked: the nodes on 192.168.50.0/24 do not hear each other's heartbeats (UDP 7474)"],
    },
    {
      name: "that cannot announce says so in its agent's words",
      object: nodeObject("node1", {
        ...hearing(["node2"]),
        conditions: [
          { type: "Ready", status: "False", reason: "NoInterface", message: "none", lastTransitionTime: created },
        ],
      }),
      want: ["NoInterface: none"],
    },
    {
      name: "that cannot be read says what is wrong",
      object: nodeObject("node1", { gateways: ["router"] }),
      want: ['status.gateways: "router" is no IP address'],
    },
  ];
  for (const { name, object, parts, want } of remarks)
    it(name, () => assert.deepEqual(row(object, parts).remarks, want));

  const drained: Status["conditions"] = [
    { type: "Drained", status: "True", reason: "Drained", message: "", lastTransitionTime: created },
  ];
  const drains: readonly {
    readonly name: string;
    readonly status: Status;
    readonly drain: boolean;
    readonly leases?: readonly Lease[];
    readonly want: string;
  }[] = [
    {
      name: "that shall be drained and still holds is draining",
      status: { announcing },
      drain: true,
      want: "draining",
    },
    { name: "that says so is drained", status: { conditions: drained }, drain: true, want: "drained" },
    { name: "that has not said so is draining", status: {}, drain: true, want: "draining" },
    { name: "that is dead is drained", status: { announcing }, drain: true, leases: [], want: "drained" },
    { name: "that nobody drains is not", status: { conditions: drained }, drain: false, want: "no" },
  ];
  for (const { name, status, drain, leases, want } of drains)
    it(name, () => assert.equal(row(nodeObject("node1", status, { drain }), leases && { leases }).drain, want));

  it("is of unknown life where the Leases may not be read, and is believed", () => {
    const node = row(nodeObject("node1", { ...hearing(["node2"]), announcing }), { leases: undefined });
    assert.deepEqual([node.agent, node.addresses, node.remarks], ["unknown", ["203.0.113.7"], []]);
  });
});

describe("the list of nodes", () => {
  const nodes = [nodeObject("node2", hearing(["node1"])), nodeObject("node1", { ...hearing(["node2"]), announcing })];
  const shown = async (format: string): Promise<string> => {
    const terminal = terminalStub();
    await printList(rows(nodes), listing(noonMs), format, terminal);
    return terminal.written.out;
  };

  it("is in order of name, with how many of the others each hears", async () =>
    assert.deepEqual(
      (await shown("table")).split("\n").map((line) => line.replace(/ {2,}/g, " | ")),
      [
        "NODE | AGENT | QUORUM | HEARS | ADDRESSES | DRAIN | REMARKS",
        "node1 | alive | yes | 1/2 | 1 | no | -",
        "node2 | alive | yes | 1/2 | 0 | no | -",
        "",
      ],
    ));

  it("is wide with the Lease's age, the groups, and whom each hears", async () =>
    assert.match(await shown("wide"), /^node1 +alive +5s +lan-1 +yes +1\/2 +node2 +1 +- +no +1h +-$/m));

  it("is names for other commands", async () =>
    assert.equal(await shown("name"), "vipnode.herald.dev/node1\nvipnode.herald.dev/node2\n"));

  it("is everything for programs", async () => {
    const { items } = JSON.parse(await shown("json")) as { items: readonly NodeRow[] };
    assert.deepEqual(items[0]?.groups[0]?.votes, { hear: 2, of: 3 });
  });
});
