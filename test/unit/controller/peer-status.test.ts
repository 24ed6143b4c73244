import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Liveness } from "../../../src/announce/eligibility.ts";
import { type BgpPeer, type PeerStatus, peerStatusObject } from "../../../src/api/bgp-peer.ts";
import type { NodeBgpSession } from "../../../src/api/vip-node.ts";
import { nodeReport } from "../../../src/controller/node-reports.ts";
import { type PeerView, peerStatus } from "../../../src/controller/peer-status.ts";
import { peer } from "../../support/bgp-builders.ts";
import { address, clusterNode, noonMs, vipNode } from "../../support/builders.ts";

type Said = Partial<NodeBgpSession> | "nothing";

const since = "2026-01-31T11:00:00Z";

function session(changes: Partial<NodeBgpSession>): NodeBgpSession {
  return { peer: "tor", state: "Established", since, message: "", announced: 1, ...changes };
}

/** Nodes with what their agents say of the session with `tor`. */
function view(said: Readonly<Record<string, Said>>, changes: Partial<PeerView> & { dead?: readonly string[] } = {}) {
  const { dead = [], ...parts } = changes;
  const live = (name: string): Liveness => (dead.includes(name) ? "dead" : "alive");
  const reports = Object.entries(said).map(([name, each]) => {
    const bgp = each === "nothing" ? [] : [session(each)];
    return [name, nodeReport(vipNode(name, { bgp }), live(name))] as const;
  });
  const nodes = Object.keys(said).map((name) => clusterNode(name, { labels: { rack: name } }));
  return { peers: [peer()], nodes, reports: new Map(reports), ...parts } satisfies PeerView;
}

function statusOf(subject: BgpPeer, seen: PeerView): PeerStatus {
  return peerStatus(subject, seen, noonMs) ?? assert.fail("nothing new");
}

function reasonsOf({ conditions }: PeerStatus): Readonly<Record<string, string>> {
  return Object.fromEntries(conditions.map(({ type, status, reason }) => [type, `${status} ${reason}`]));
}

const calm = {
  NoNodeSelected: "False NodesSelected",
  SecretMissing: "False SecretFound",
  Conflict: "False NoConflict",
};
const refused = { state: "Active", message: "connection refused" } as const;

describe("the status of a BGPPeer", () => {
  it("counts the sessions that are established of those that the selected nodes want", () => {
    const status = statusOf(peer(), view({ n1: {}, n2: {} }));
    assert.deepEqual([status.established, status.wanted, status.down], [2, 2, []]);
    assert.deepEqual(reasonsOf(status), { Ready: "True Established", ...calm });
  });

  it("says of each node that is down how far it is, why, since when, and the last NOTIFICATION", () => {
    const lastNotification = "received Cease, Administrative Shutdown: maintenance";
    const status = statusOf(peer(), view({ n2: { ...refused, lastNotification }, n1: {}, n3: refused }));
    assert.deepEqual(status.down, [
      { node: "n2", ...refused, lastNotification, since },
      { node: "n3", ...refused, since },
    ]);
    assert.equal(reasonsOf(status).Ready, "False NotEstablished");
    const said = status.conditions.find(({ type }) => type === "Ready")?.message;
    assert.equal(said, "1 of 3 sessions are established, n2 and n3 without");
  });

  it("believes no dead node, and waits for one that says nothing", () => {
    const status = statusOf(peer(), view({ n1: {}, n2: "nothing" }, { dead: ["n1"] }));
    assert.deepEqual(status.down, [
      { node: "n1", state: "Idle", message: "the agent on n1 does not run" },
      { node: "n2", state: "Idle", message: "n2 says nothing of it yet" },
    ]);
    assert.deepEqual([status.established, status.wanted], [0, 2]);
  });

  it("wants nothing of nodes that its labels do not select, or that lack its sourceAddress", () => {
    const selecting = peer({ nodeSelector: { matchLabels: { rack: "n2" } } });
    assert.equal(statusOf(selecting, view({ n1: {}, n2: {} })).wanted, 1);
    const fromOne = peer({ sourceAddress: address("192.0.2.11") });
    assert.equal(statusOf(fromOne, view({ n1: {}, n2: "nothing" })).wanted, 1);
  });

  it("waits for a node that has its sourceAddress, whoever says so, and has not spoken", () => {
    const fromOne = peer({ sourceAddress: address("192.0.2.11") });
    const nodes = [clusterNode("n1", { addresses: [address("192.0.2.11")] }), clusterNode("n2")];
    const { wanted, down } = statusOf(fromOne, view({ n1: "nothing", n2: "nothing" }, { nodes }));
    assert.deepEqual([wanted, down.map(({ node }) => node)], [1, ["n1"]]);
    const fromLan = peer({ sourceAddress: address("192.168.50.11") });
    assert.equal(statusOf(fromLan, view({ n1: "nothing" })).wanted, 1);
  });

  it("wants nothing of a node that never had an agent, or that is drained", () => {
    const reports = new Map(
      [
        vipNode("n1", { bgp: [session({})] }),
        vipNode("n2"),
        vipNode("n3", { bgp: [session(refused)], drain: true }),
      ].map((each) => [each.name, nodeReport(each, "alive")] as const),
    );
    const nodes = ["n1", "n2", "n3", "n4"].map((name) => clusterNode(name));
    const status = statusOf(peer(), view({}, { nodes, reports }));
    assert.deepEqual([status.wanted, status.established, reasonsOf(status).Ready], [1, 1, "True Established"]);
  });

  it("says that a Secret is gone although the sessions go on with the password that was in it", () => {
    const message = "Secret herald-bgp/other does not exist; Secret herald-bgp/tor-key does not exist";
    const condition = { type: "SecretMissing", status: "True", reason: "SecretMissing", message } as const;
    const vip = vipNode("n1", { bgp: [session({})], conditions: [{ ...condition, lastTransitionTime: since }] });
    const seen = view({ n1: {} }, { reports: new Map([["n1", nodeReport(vip, "alive")]]) });
    const status = statusOf(peer({ password: { secret: "tor-key" } }), seen);
    assert.deepEqual(reasonsOf(status), {
      ...calm,
      Ready: "True Established",
      SecretMissing: "True SecretMissing",
    });
    const said = status.conditions.find(({ type }) => type === "SecretMissing")?.message;
    assert.equal(said, "n1: Secret herald-bgp/tor-key does not exist");
    assert.equal(reasonsOf(statusOf(peer({ password: { secret: "tor" } }), seen)).SecretMissing, "False SecretFound");
  });

  it("is not written because an attempt is a step further", () => {
    const status = statusOf(peer(), view({ n1: refused }));
    assert.equal(peerStatus(peer({ status }), view({ n1: { ...refused, state: "Idle" } }), noonMs), undefined);
  });
});

describe("the conditions of a BGPPeer", () => {
  it("says that no node is selected", () => {
    const status = statusOf(peer({ nodeSelector: { matchLabels: { rack: "z" } } }), view({ n1: {} }));
    assert.deepEqual(reasonsOf(status), {
      Ready: "False NoNodeSelected",
      ...calm,
      NoNodeSelected: "True NoNodeSelected",
    });
  });

  it("says that a Secret is missing, of whom and in the agent's words", () => {
    const message = "SecretMissing: Secret tor is not there";
    const status = statusOf(peer(), view({ n1: { state: "Idle", message }, n2: {} }));
    assert.deepEqual(reasonsOf(status), {
      Ready: "False SecretMissing",
      ...calm,
      SecretMissing: "True SecretMissing",
    });
    const said = status.conditions.find(({ type }) => type === "SecretMissing")?.message;
    assert.equal(said, "n1: Secret tor is not there");
  });

  it("says that another BGPPeer has the same session", () => {
    const peers = [peer(), peer({ name: "twin" })];
    const status = statusOf(peer(), view({ n1: refused }, { peers }));
    assert.deepEqual(reasonsOf(status), { Ready: "False PeerConflict", ...calm, Conflict: "True PeerConflict" });
    const said = status.conditions.find(({ type }) => type === "Conflict")?.message;
    assert.equal(said, "spec.address: 192.0.2.1 is also the peer twin of node n1");
  });
});

describe("the status of a BGPPeer as it is written", () => {
  it("lists 64 nodes that are down at most, and counts all", () => {
    const many = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`n${100 + i}`, refused]));
    const status = statusOf(peer(), view(many));
    assert.deepEqual([status.down.length, status.wanted, status.established], [64, 70, 0]);
  });

  it("cuts what is too long for the schema", () => {
    const long = { ...refused, message: "m".repeat(2_000), lastNotification: "n".repeat(2_000) };
    const [down] = peerStatusObject(statusOf(peer(), view({ n1: long }))).down ?? [];
    assert.deepEqual([down?.message.length, down?.lastNotification?.length], [1_024, 512]);
  });

  it("is written only when it changes, whatever the agents say and the clock", () => {
    const word = fc.record({ state: fc.constantFrom("Established", "Active", "Idle"), message: fc.string() } as const);
    const said = fc.array(fc.oneof(word, fc.constant("nothing" as const)), { maxLength: 5 });
    fc.assert(
      fc.property(said, fc.nat(), (list, laterMs) => {
        const seen = view(Object.fromEntries(list.map((each, i) => [`n${i}`, each])));
        const status = peerStatus(peer(), seen, noonMs);
        assert.ok(status);
        assert.equal(peerStatus(peer({ status }), seen, noonMs + laterMs), undefined);
        const { established = 0, wanted = 0, down } = status;
        assert.equal(established + down.length, wanted);
      }),
    );
  });

  it("is compared by what it says, not by the order in which the API server gives its fields", () => {
    const seen = view({ n1: { ...refused, lastNotification: "sent Hold Timer Expired" } });
    const status = statusOf(peer(), seen);
    const turned = status.down.map((each) => Object.fromEntries(Object.entries(each).reverse()) as typeof each);
    assert.equal(peerStatus(peer({ status: { ...status, down: turned } }), seen, noonMs), undefined);
  });
});
