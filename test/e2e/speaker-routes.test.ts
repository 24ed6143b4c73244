/** What the speaker sees of the routing table, on a real kernel. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { eventually } from "../support/eventually.ts";
import { reports, speakerLab } from "./speaker-lab.ts";
import type { Program } from "./speaker-world.ts";

const lab = speakerLab();

type Seen = { readonly name: string; readonly carriesDefaultRoute: boolean; readonly gateways: readonly string[] };

/** What the last report says of eth0. */
function eth0(speaker: Program): Seen | undefined {
  return reports(speaker, "interfaces")
    .at(-1)
    ?.interfaces?.find(({ name }) => name === "eth0") as Seen | undefined;
}

function seen(speaker: Program, what: string, wanted: (eth0: Seen) => boolean): Promise<unknown> {
  return eventually(what, () => {
    const found = eth0(speaker);
    return (found !== undefined && wanted(found)) || undefined;
  });
}

it("the default route and the routers of other routes are followed in a table of 20,000 routes", async () => {
  const host = lab.host("a");
  const routes = "for i in $(seq 0 19999); do echo route add 20.$((i/256)).$((i%256)).0/24 via 10.9.0.250; done";
  await host.run(`${routes} | ip -batch -`);
  const speaker = await lab.speakerOn("a");
  const { carriesDefaultRoute, gateways } = eth0(speaker) ?? assert.fail("no report of eth0");
  assert.deepEqual([carriesDefaultRoute, gateways], [false, ["10.9.0.250"]]);

  await host.run("ip route add default via 10.9.0.254");
  await seen(speaker, "the default route, its router first", (now) => now.carriesDefaultRoute);
  assert.deepEqual(eth0(speaker)?.gateways, ["10.9.0.254", "10.9.0.250"]);

  await host.run("ip route add 21.0.0.0/8 via 10.9.0.251");
  await seen(speaker, "another router", (now) => now.gateways.includes("10.9.0.251"));

  await host.run("ip -6 route add default via fe80::1 dev eth0; ip route delete default");
  await seen(speaker, "the other family's", (now) => now.gateways[0] === "fe80::1" && now.gateways.length === 3);
  await host.run("ip -6 route delete default");
  await seen(speaker, "no default route", (now) => !now.carriesDefaultRoute);
});

it("the routes that end with their link are gone", async () => {
  const host = lab.host("b");
  await host.run("ip route add default via 10.9.0.254");
  const speaker = await lab.speakerOn("b");
  assert.equal(eth0(speaker)?.carriesDefaultRoute, true);
  await host.run("ip link set eth0 down");
  await seen(speaker, "no default route", (now) => !now.carriesDefaultRoute && now.gateways.length === 0);
  await host.run("ip link set eth0 up");
});
