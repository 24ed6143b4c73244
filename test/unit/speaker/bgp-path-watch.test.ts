/** The watch over the path of a session, between two nodes of a network in memory. */
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { here, networkOf, peerCommand, Rig, type RigNode, swapped, there } from "./bgp-rig.ts";

const bfd = { transmitMs: 100, receiveMs: 100, multiplier: 3, multihop: false };
const isUp = { state: "Up" };

let rig: Rig;
let node: RigNode;
let router: RigNode;

beforeEach(() => {
  rig = new Rig();
});

/** Both speak, and watch the path as `same` says. */
async function meet(same: Parameters<typeof peerCommand>[1]): Promise<void> {
  ({ node, router } = await rig.meet(same));
}

/** The session that stands is to be watched from now on. */
function watch(same: Parameters<typeof peerCommand>[1] = {}): void {
  node.speaker.apply(peerCommand(there, { ...same, bfd }));
  router.speaker.apply(peerCommand(here, { ...same, bfd, settings: swapped }));
}

const since = (of: RigNode): number | undefined => of.last()?.sinceMs;

describe("BFD", () => {
  it("Given silence on the path, Then the session ends at once and says why", async () => {
    await meet({ bfd });
    await rig.run(3_000);
    assert.deepEqual([node.last()?.state, node.last()?.bfd], ["Established", { state: "Up" }]);
    rig.mute = true;
    await rig.run(500);
    assert.notEqual(node.last()?.state, "Established");
    assert.match(node.reports.find(({ bfd: path }) => path?.message)?.bfd?.message ?? "", /the peer is silent/);
    assert.match(node.reports.map(({ lastError = "" }) => lastError).join(), /BFD: path down/);
  });

  it("Given a peer that stops watching, Then the session goes on", async () => {
    await meet({ bfd });
    await rig.run(3_000);
    router.speaker.apply(peerCommand(here, { settings: swapped }));
    await rig.run(2_000);
    assert.deepEqual(
      [node.last()?.state, node.last()?.bfd],
      ["Established", { state: "Down", message: "the peer was administratively stopped" }],
    );
  });

  it("Given other intervals, Then nothing is interrupted", async () => {
    await meet({ bfd });
    await rig.run(3_000);
    const { length } = node.reports;
    node.speaker.apply(peerCommand(there, { bfd: { ...bfd, transmitMs: 200 } }));
    await rig.run(3_000);
    assert.deepEqual(node.reports.slice(length), []);
    assert.equal(node.last()?.bfd?.state, "Up");
  });
});

describe("BFD over the end of a session", () => {
  const slow = { transmitMs: 1_000, receiveMs: 1_000, multiplier: 5, multihop: false };
  const until = async (is: () => boolean): Promise<void> => {
    for (let i = 0; i < 400 && !is(); i++) await rig.run(20);
    assert.ok(is());
  };
  const isEstablished = (): boolean => node.last()?.state === "Established";

  /** The router's session and its BFD end unheard, and are there again before the node takes its BFD for down. */
  async function routerBeginsAnew(): Promise<void> {
    await meet({ bfd: slow });
    await until(() => router.last()?.bfd?.state === "Up" && node.last()?.bfd?.state === "Up");
    rig.mute = true;
    router.speaker.apply(peerCommand(here, { bfd: slow, settings: { ...swapped, holdTimeSeconds: 60 } }));
    await until(() => !isEstablished());
    await until(isEstablished);
    assert.deepEqual(node.last()?.bfd, isUp);
  }

  it("Given a router that begins anew before its silence is noticed, Then what it then says of BFD leaves the new session alone", async () => {
    await routerBeginsAnew();
    const before = since(node);
    rig.mute = false;
    await until(() => node.last()?.bfd?.state === "Down");
    await until(() => node.last()?.bfd?.state === "Up");
    assert.deepEqual([isEstablished(), since(node)], [true, before]);
    rig.mute = true;
    await until(() => !isEstablished());
  });

  it("Given a path that is lost just after the session is back, Then that ends it, a detection time later", async () => {
    await routerBeginsAnew();
    const before = since(node);
    await rig.run(4_900);
    assert.deepEqual([isEstablished(), since(node)], [true, before]);
    await rig.run(200);
    assert.match(node.reports.map(({ lastError = "" }) => lastError).join(), /BFD: path down/);
  });
});

describe("BFD of a path that changes", () => {
  it("Given an interface that was made anew while the session stands, Then the path is watched on", async () => {
    await meet({ bfd });
    await rig.run(3_000);
    const { length } = node.reports;
    node.place.network = networkOf(here, { index: 7 });
    await rig.run(3_000);
    assert.deepEqual([node.reports.slice(length), node.last()?.bfd], [[], isUp]);
  });

  it("Given a VRF that was made anew while the session stands, Then the path is watched there, and the session goes on", async () => {
    await meet({ bfd, transport: { device: "red" } });
    await rig.run(3_000);
    const before = since(node);
    node.place.network = networkOf(here, { index: 7 });
    await rig.run(40);
    assert.match(node.last()?.bfd?.message ?? "", /interface is another one; it begins anew/);
    await rig.run(5_000);
    assert.deepEqual([node.last()?.state, node.last()?.bfd, since(node)], ["Established", isUp, before]);
  });

  it("Given a VRF that was made anew while BFD was down, Then the path of the next session is watched", async () => {
    await meet({ bfd, transport: { device: "red" } });
    await rig.run(3_000);
    rig.mute = true;
    await rig.run(500);
    node.place.network = networkOf(here, { index: 7 });
    rig.mute = false;
    await rig.run(10_000);
    assert.deepEqual([node.last()?.state, node.last()?.bfd], ["Established", isUp]);
  });

  it("Given a port that is taken, Then that is said, and it is tried again each 5 s", async () => {
    await meet({});
    node.place.bfdFails = "bind: EADDRINUSE";
    watch();
    await rig.run(4_000);
    assert.deepEqual(node.last()?.bfd, { state: "Down", message: "BFD: bind: EADDRINUSE" });
    node.place.bfdFails = undefined;
    await rig.run(5_000);
    assert.deepEqual([node.last()?.state, node.last()?.bfd], ["Established", isUp]);
  });

  it("Given a VRF that is not there, Then that is said, and the watch begins once it is", async () => {
    const transport = { device: "red" };
    await meet({ transport });
    const { network } = node.place;
    node.place.network = { ...network, links: [] };
    watch({ transport });
    await rig.run(40);
    assert.deepEqual(node.last()?.bfd, { state: "Down", message: "BFD: there is no device red" });
    node.place.network = network;
    await rig.run(3_000);
    assert.deepEqual(node.last()?.bfd, isUp);
  });
});
