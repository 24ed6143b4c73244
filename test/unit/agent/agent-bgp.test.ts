import assert from "node:assert/strict";
import { beforeEach, it } from "node:test";
import { withdrawMs } from "../../../src/agent/bgp-departure.ts";
import { knownNode } from "../../../src/agent/bgp-known-node.ts";
import { secretLookMs } from "../../../src/agent/bgp-secrets.ts";
import { patienceMs } from "../../../src/agent/source-choice.ts";
import { defaultBgp } from "../../../src/api/bgp-announcement.ts";
import type { Advertisement } from "../../../src/api/vip-advertisement.ts";
import { addresses, vipNode } from "../../support/builders.ts";
import { node, peer, report, routed } from "./agent-bgp-builders.ts";
import { type Disk, interfaces, settle, world } from "./agent-world.ts";

const vip = "203.0.113.7";

let disk: Disk = new Map();
let { clock, state, agent } = world(disk);
let stop = new AbortController();
let ended: Promise<void>;

function run(): void {
  ({ clock, state, agent } = world(disk));
  stop = new AbortController();
  ended = agent.run(stop.signal);
  Object.assign(state, { groups: [], node: vipNode("node1"), bgp: { peers: [peer("tor")], node } });
}

async function begin(...advertisements: readonly Advertisement[]): Promise<void> {
  state.advertisements = [...advertisements];
  state.report(interfaces);
  await settle();
}

async function change(): Promise<void> {
  state.happened.length = 0;
  agent.wake();
  await clock.advance(1_000);
}

beforeEach(() => {
  disk = new Map();
  run();
});

it("begins a session with each peer that selects the node, then tells its routes, also that there are none", async () => {
  const other = peer("spine", { address: "192.168.50.2", nodeSelector: { matchLabels: { rack: "b" } } });
  state.bgp = { peers: [peer("tor"), other], node };
  await begin();
  assert.deepEqual(state.happened, ["session tor", "routes to tor: "]);
  state.advertisements = [routed(vip)];
  await change();
  assert.deepEqual(state.happened, [`routes to tor: ${vip}/32`]);
});

it("tells nothing again that has not changed, and all changes of a moment at once", async () => {
  await begin(routed(vip));
  await change();
  assert.deepEqual(state.happened, []);
  state.advertisements = [routed(vip), routed("203.0.113.8"), routed("2001:db8::8")];
  await change();
  assert.deepEqual(state.happened, [`routes to tor: ${vip}/32 203.0.113.8/32 2001:db8::8/128`]);
});

it("waits for the peers and its Node, and meanwhile leaves sessions as they are", async () => {
  state.bgp = undefined;
  await begin(routed(vip));
  assert.deepEqual(state.happened, []);
  state.bgp = { peers: [peer("tor")], node };
  await change();
  state.bgp = undefined;
  await change();
  assert.deepEqual(state.happened, []);
});

it("ends the session with a peer that is gone", async () => {
  await begin(routed(vip));
  state.bgp = { peers: [], node };
  await change();
  assert.deepEqual(state.happened, ["no session tor"]);
});

it("has no session before the Secret of its peer is there, says so, and looks again", async () => {
  state.bgp = { peers: [peer("tor", { passwordSecret: { name: "tor-key" } })], node };
  await begin(routed(vip));
  await clock.advance(5_000);
  assert.deepEqual(state.commands, []);
  const missing = state.node?.conditions.find(({ type }) => type === "SecretMissing");
  assert.deepEqual([missing?.status, missing?.message], ["True", "Secret tor-key does not exist"]);
  assert.deepEqual(state.node?.bgp?.[0]?.message, "SecretMissing: Secret tor-key has not been read yet");
  state.passwordOf = () => ({ kind: "password", password: "hunter2" });
  await clock.advance(secretLookMs);
  await clock.advance(1_000);
  assert.deepEqual(state.happened, ["session tor by hunter2", `routes to tor: ${vip}/32`]);
  assert.equal(
    state.node?.conditions.some(({ type }) => type === "SecretMissing"),
    false,
  );
});

it("passes on another password, and keeps the one it has while the Secret is gone", async () => {
  state.passwordOf = () => ({ kind: "password", password: "one" });
  state.bgp = { peers: [peer("tor", { passwordSecret: { name: "tor-key" } })], node };
  await begin();
  assert.deepEqual(state.happened, ["session tor by one", "routes to tor: "]);
  state.passwordOf = () => ({ kind: "password", password: "two" });
  await clock.advance(secretLookMs);
  assert.deepEqual(state.happened.slice(2), ["session tor by two"]);
  state.passwordOf = () => ({ kind: "missing", message: "gone" });
  await clock.advance(secretLookMs);
  await clock.advance(1_000);
  assert.equal(state.happened.length, 3);
  assert.equal(
    state.node?.conditions.some(({ type }) => type === "SecretMissing"),
    true,
  );
});

it("reads a Secret again when a peer that names it has changed", async () => {
  state.bgp = { peers: [peer("tor", { passwordSecret: { name: "tor-key" } })], node };
  await begin();
  assert.deepEqual(state.secretsRead, ["tor-key"]);
  state.bgp = { peers: [peer("tor", { passwordSecret: { name: "tor-key" } }, 2)], node };
  await change();
  assert.deepEqual(state.secretsRead, ["tor-key", "tor-key"]);
});

it("S108: follows routers that annotations of its Node name once they are there", async () => {
  const annotations = { "cloud.example/node-asn": "64513", "cloud.example/peer-asn": "64512" };
  const half = knownNode({ metadata: { name: "node1", annotations } });
  state.bgp = { peers: [], node: half };
  await begin(routed(vip));
  await clock.advance(5_000);
  assert.deepEqual(state.commands, []);
  const incomplete = state.node?.conditions.find(({ type }) => type === "BGPAnnotationsIncomplete");
  assert.match(incomplete?.message ?? "", /cloud.example\/src-ip.*cloud.example\/peer-ip/);
  const rest = { "cloud.example/src-ip": "192.168.50.11", "cloud.example/peer-ip": "192.168.50.1" };
  state.bgp = { peers: [], node: knownNode({ metadata: { name: "node1", annotations: { ...annotations, ...rest } } }) };
  await change();
  assert.deepEqual(state.happened, ["session node1/192.168.50.1", `routes to node1/192.168.50.1: ${vip}/32`]);
});

it("says which addresses an established peer was told, and what became of each session", async () => {
  await begin(routed(vip));
  state.report(report("tor"));
  await clock.advance(4_000);
  assert.deepEqual(state.node?.announcing, [{ protocol: "BGP", interface: "", addresses: addresses(vip) }]);
  const [session] = state.node?.bgp ?? [];
  assert.deepEqual([session?.state, session?.announced, session?.message], ["Established", 1, ""]);
  const lastNotification = { direction: "received", text: "Cease, Administrative Shutdown", atMs: 5 } as const;
  state.report(report("tor", { state: "Idle", announced: 0, lastError: "the peer shut down", lastNotification }));
  await clock.advance(1_000);
  assert.deepEqual(state.node?.announcing, []);
  assert.deepEqual(state.node?.bgp?.[0]?.lastNotification, "received: Cease, Administrative Shutdown");
  assert.deepEqual(
    state.logged.filter((line) => line.startsWith("BGP")),
    [
      'BGP session established {"peer":"tor"}',
      'BGP notification received {"peer":"tor","notification":"Cease, Administrative Shutdown"}',
      'BGP session lost {"peer":"tor","reason":"the peer shut down"}',
    ],
  );
});

it("says why nobody hears of an address of which it is a named announcer", async () => {
  const bgp = { ...defaultBgp, peerSelector: { matchLabels: { uplink: "b" } } };
  await begin(routed(vip, { announcement: { bgp }, announcers: ["node1"] }));
  await clock.advance(5_000);
  assert.deepEqual(
    state.node?.refusing.map(({ reason }) => reason),
    ["PeerNotSelected"],
  );
});

it("drained, it first makes its routes everybody's last choice, then withdraws them, then ends its sessions", async () => {
  await begin(routed(vip));
  state.report(report("tor"));
  await clock.advance(4_000);
  state.node = state.node && { ...state.node, drain: true };
  state.advertisements = [routed(vip), routed("203.0.113.8")];
  await change();
  assert.deepEqual(state.happened, [`routes to tor: ${vip}/32`]);
  const last = state.commands.at(-1);
  assert.deepEqual(last?.kind === "bgpRoutes" && last.routes[0]?.attributes.communities, [0xffff0000]);
  await clock.advance(4_999);
  assert.equal(state.happened.length, 1);
  await clock.advance(1);
  assert.deepEqual(state.happened.slice(1), ["routes to tor: "]);
  state.report(report("tor", { announced: 0 }));
  await clock.advance(500);
  assert.deepEqual(state.happened.slice(2), ["bgpDrain"]);
  await clock.advance(1_000);
  assert.equal(state.node?.conditions.find(({ type }) => type === "Drained")?.status, "True");
});

it("drained, it waits for no router when there is no established session, and comes back when it may", async () => {
  await begin(routed(vip));
  state.node = state.node && { ...state.node, drain: true };
  await change();
  assert.deepEqual(state.happened, ["routes to tor: ", "bgpDrain"]);
  state.node = state.node && { ...state.node, drain: false };
  await change();
  assert.deepEqual(state.happened, ["session tor", `routes to tor: ${vip}/32`]);
});

it("S102: has an address on lo from before the first router hears of it until after the last does", async () => {
  const onLo = { announcement: { bgp: { ...defaultBgp, addressOnLo: true } } };
  await begin(routed(vip, onLo));
  assert.deepEqual(state.happened, [`on lo: ${vip}`, "session tor", `routes to tor: ${vip}/32`]);
  state.advertisements = [routed(vip), routed("203.0.113.8", onLo)];
  await change();
  const both = `routes to tor: ${vip}/32 203.0.113.8/32`;
  assert.deepEqual(state.happened, [`on lo: ${vip} 203.0.113.8`, both, "on lo: 203.0.113.8"]);
  state.advertisements = [routed(vip)];
  await change();
  assert.deepEqual(state.happened, [`routes to tor: ${vip}/32`, "on lo: "]);
  await change();
  assert.deepEqual(state.happened, []);
});

it("says what of BGP the speaker cannot do, and what it needs, as long as that is so", async () => {
  await begin();
  const message = "listen on 0.0.0.0 port 179: permission denied (EACCES): it needs CAP_NET_BIND_SERVICE";
  state.report({ kind: "bgpTrouble", about: "port", message });
  await clock.advance(4_000);
  const closed = () => state.node?.conditions.find(({ type }) => type === "BGPPortClosed");
  assert.deepEqual([closed()?.status, closed()?.message], ["True", message]);
  assert.equal(state.logged.filter((line) => line.includes("CAP_NET_BIND_SERVICE")).length, 1);
  state.report({ kind: "bgpTrouble", about: "port", message: "" });
  await clock.advance(1_000);
  assert.equal(closed(), undefined);
});

it("drained, it tells nobody anything when it has no session", async () => {
  state.bgp = { peers: [], node };
  state.node = state.node && { ...state.node, drain: true };
  await begin(routed(vip));
  await clock.advance(4_000);
  assert.deepEqual(state.commands, []);
  assert.equal(state.node?.conditions.find(({ type }) => type === "Drained")?.status, "True");
});

it("ends its sessions even if a peer does not take the withdrawals", async () => {
  await begin(routed(vip));
  state.report(report("tor"));
  await clock.advance(1_000);
  state.node = state.node && { ...state.node, drain: true };
  await change();
  await clock.advance(5_000);
  await clock.advance(withdrawMs);
  assert.deepEqual(state.happened.slice(1), ["routes to tor: ", "bgpDrain"]);
});

it("stopped without a drain, it leaves sessions and routes to the speaker's end", async () => {
  await begin(routed(vip));
  state.report(report("tor"));
  await settle();
  state.happened.length = 0;
  stop.abort();
  await settle();
  state.report({ kind: "left" });
  await ended;
  assert.deepEqual(state.happened, ["leave", "lease says leaving", "closed", "lease emptied"]);
});

it("stopped while it is drained, it ends only once its peers have been left", async () => {
  await begin(routed(vip));
  state.report(report("tor"));
  await clock.advance(1_000);
  state.node = state.node && { ...state.node, drain: true };
  await change();
  stop.abort();
  await settle();
  state.report({ kind: "left" });
  await clock.advance(5_000);
  assert.equal(state.happened.includes("closed"), false);
  state.report(report("tor", { announced: 0 }));
  await clock.advance(500);
  await ended;
  assert.deepEqual(state.happened.slice(-4), ["routes to tor: ", "bgpDrain", "closed", "lease emptied"]);
});

it("started without the API server it has the sessions and routes that were kept, with their passwords", async () => {
  state.passwordOf = () => ({ kind: "password", password: "hunter2" });
  state.bgp = { peers: [peer("tor", { passwordSecret: { name: "tor-key" } })], node };
  await begin(routed(vip));
  await clock.advance(2_000);
  const first = [...state.happened];
  disk = new Map(JSON.parse(JSON.stringify([...disk])) as [string, unknown][]);
  run();
  Object.assign(state, { synced: false, bgp: undefined });
  await begin();
  await clock.advance(patienceMs);
  assert.deepEqual(state.happened, first);
  assert.deepEqual(state.happened, ["session tor by hunter2", `routes to tor: ${vip}/32`]);
});
