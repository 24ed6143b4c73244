/** An agent that has no Linux capability at all, on a real API server; BIRD is the router of the LAN. The test plays the controller. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defaultBgp } from "../../src/api/bgp-announcement.ts";
import { type LabBird, routerPeer, startBird } from "../lab/bird.ts";
import { isInstalled } from "../lab/programs.ts";
import { type AgentLab, type AgentProcess, startAgentLab } from "../support/agent-lab.ts";
import { eventually } from "../support/eventually.ts";

const withoutRights = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"];
const vip = "203.0.113.7";

let world: AgentLab;
let bird: LabBird;
let agent: AgentProcess;

const kernelKnows = (...prefixes: readonly string[]): Promise<true> =>
  eventually(`the router's kernel knows ${prefixes.join(", ") || "nothing"}`, async () =>
    Object.keys(await bird.routes())
      .sort()
      .join() === [...prefixes].sort().join()
      ? true
      : undefined,
  );

/** The text of the node's condition of this type. */
async function condition(type: string): Promise<string | undefined> {
  const { status } = await world.readNode("node1");
  return status?.conditions?.find((each) => each.type === type && each.status === "True")?.message;
}

describe("an agent without any capability", { skip: !isInstalled("bird") && "BIRD is not installed" }, () => {
  before(async () => {
    world = await startAgentLab(1);
    bird = await startBird(world.lab);
    await world.createNode("node1");
    agent = await world.startAgent("node1", {}, withoutRights);
  });

  after(() => world?.lab.stop());

  it("has an empty bounding set", async () => {
    const { stdout } = await world.lab.exec("top", ["grep", "Cap", `/proc/${agent.pid}/status`]);
    const sets = stdout
      .trim()
      .split("\n")
      .map((line) => line.split("\t")[1]);
    assert.deepEqual(new Set(sets), new Set(["0".repeat(16)]));
  });

  it("tells a router the route of an address, and withdraws it, without a raw socket", async () => {
    await world.lab.api.call("POST", "/apis/herald.dev/v1beta1/bgppeers", routerPeer());
    await world.place(vip, "", { announcement: { bgp: defaultBgp }, group: "" });
    await kernelKnows(`${vip}/32`);
    assert.deepEqual(await bird.routes(), { [`${vip}/32`]: ["192.168.50.11"] });
    const { status } = await world.nodeSays("node1", "its session", ({ bgp = [] }) => bgp[0]?.state === "Established");
    assert.deepEqual([status?.bgp?.[0]?.announced, status?.bgp?.[0]?.received], [1, { ipv4: 0, ipv6: 0 }]);
    const { stdout } = await world.lab.exec("node1", ["cat", "/proc/net/packet", "/proc/net/raw", "/proc/net/raw6"]);
    assert.deepEqual(
      stdout
        .trim()
        .split("\n")
        .filter((line) => !/^\s*s[kl]\s/.test(line)),
      [],
      stdout,
    );
    await world.release(vip);
    await kernelKnows();
  });

  it("says that routers cannot connect to port 179 and what that needs, and goes on with the sessions that it begins", async () => {
    const message = await eventually("the condition", () => condition("BGPPortClosed"));
    assert.equal(message, "listen on 0.0.0.0 port 179: permission denied (EACCES): it needs CAP_NET_BIND_SERVICE");
    const line = await agent.logged("speaker in trouble");
    assert.deepEqual([line.about, line.detail], ["BGPPortClosed", message]);
  });

  it("S102: says that addressOnLo needs CAP_NET_ADMIN, and tells the route all the same", async () => {
    await world.place(vip, "", { announcement: { bgp: { ...defaultBgp, addressOnLo: true } }, group: "" });
    await kernelKnows(`${vip}/32`);
    const message = await eventually("the condition", () => condition("AddressOnLoFailed"));
    assert.match(message, /^203\.0\.113\.7: set arp_ignore=1 .* on eth0: EPERM \(needs CAP_NET_ADMIN\)/);
    await world.release(vip);
    await kernelKnows();
    await eventually("no condition", async () =>
      (await condition("AddressOnLoFailed")) === undefined ? true : undefined,
    );
  });
});
