/** Addresses that only routers are told: clients behind the router reach them over every node, and the LAN hears of none. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { inject, restartAgent } from "../lab/faults.ts";
import { isInstalled } from "../lab/programs.ts";
import { openRoutedSite, type RoutedSite, untilRouted } from "../lab/routed-site.ts";
import { poolObject, serviceObject } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";

const bfd = { intervalMs: 100, multiplier: 3 };
const skip = !isInstalled("bird") && "BIRD is not installed";

describe("addresses announced by BGP alone", { skip }, () => {
  let site: RoutedSite;
  before(async () => {
    site = await openRoutedSite({ nodes: 3, services: 1, bfd });
  });
  after(() => site?.lab.stop());

  /** A Service of its own, of the pool, and its address once the router has it over all announcers. */
  async function routed(name: string, pool = "routed"): Promise<string> {
    const { cluster, bird, announcers } = site;
    await cluster.apply(serviceObject(name, "web", {}, { "herald.dev/pool": pool }));
    const address = await cluster.address(name);
    await untilRouted({ bird, addresses: [address] }, announcers);
    return address;
  }

  it("S7, S107: Given a new address, When a client behind the router asks for it, Then the router leads it to a node and a Pod answers", async () => {
    const address = await routed("fresh");
    assert.ok(await site.cluster.reach("client", address));
  });

  it("S102: Given addresses on lo, When the LAN is asked for them, Then no node answers, though each has them", async () => {
    const { cluster, lab, announcers } = site;
    const announcement = { bgp: { addressOnLo: true }, nodeSelector: { matchLabels: { announces: "yes" } } };
    await cluster.apply(poolObject("on-lo", ["198.51.100.0/29"], { announcement }));
    const address = await routed("local", "on-lo");
    for (const { name } of announcers)
      await eventually(`${name} has ${address} on lo`, async () => {
        const { stdout } = await lab.exec(name, ["ip", "-4", "-o", "address", "show", "dev", "lo"]);
        return stdout.includes(`${address}/32`);
      });
    assert.deepEqual(await cluster.whoHas(address), []);
    // The question itself works: a node's own address is answered for.
    assert.equal((await cluster.whoHas(announcers[0]?.lan4 ?? "")).length, 1);
    assert.ok(await cluster.reach("client", address));
  });

  it("S104: Given several announcers, When one is lost, Then the router goes on over the others and clients are answered", async () => {
    const { lab, cluster, announcers, addresses } = site;
    const [lost, ...others] = announcers;
    const mend = await inject(lab, "both", lost?.name ?? "");
    try {
      await untilRouted(site, others);
      assert.ok(await cluster.reach("client", addresses[0] ?? ""));
    } finally {
      await mend();
    }
    await untilRouted(site, announcers);
  });
});

type Lease = { readonly spec: { readonly holderIdentity?: string } };
type Claim = { readonly spec: { readonly announcers?: readonly string[] } };

it("Given an address that one node announces, When its agent is replaced, Then it stays there and the router's route as it is", {
  skip,
}, async () => {
  const site = await openRoutedSite({ nodes: 3, services: 1 });
  const { cluster, lab, bird, announcers, routes } = site;
  try {
    const announcement = { bgp: { nodes: { count: 1 } }, nodeSelector: { matchLabels: { announces: "yes" } } };
    const request = (name: string): Promise<void> =>
      cluster.apply(serviceObject(name, "web", {}, { "herald.dev/pool": "single" }));
    const chosen = async (address: string): Promise<readonly string[] | undefined> =>
      (await cluster.get<Claim>("vip", address.replaceAll(".", "-"))).spec.announcers;
    await cluster.apply(poolObject("single", ["198.51.100.0/29"], { announcement }));
    await request("one");
    const address = await cluster.address("one");
    const [node = ""] = (await chosen(address)) ?? [];
    await untilRouted(
      { bird, addresses: [address] },
      announcers.filter(({ name }) => name === node),
    );
    const begun = routes.seen().length;
    await lab.kill(`agent-${node}`, "SIGTERM");
    await eventually("the agent has given its Lease up", async () => {
      const lease = await cluster.get<Lease>("lease", `herald-agent-${node}`, "-n", "herald-system");
      return lease.spec.holderIdentity === "" || undefined;
    });
    // By when another has an address the controller has seen that.
    await request("later");
    await cluster.address("later");
    assert.deepEqual(await chosen(address), [node]);
    await restartAgent(lab, node);
    await eventually("the agent has told the router what it is to tell", async () => {
      const { stdout } = await lab.exec(node, ["curl", "-s", "http://127.0.0.1:7473/metrics"]);
      return /^herald_bgp_announced_prefixes\{.*\} [1-9]/m.test(stdout) || undefined;
    });
    const changes = routes.seen().slice(begun);
    assert.deepEqual(
      changes.filter(({ prefix }) => prefix === `${address}/32`),
      [],
    );
    assert.deepEqual(await chosen(address), [node]);
  } finally {
    await lab.stop();
  }
});
