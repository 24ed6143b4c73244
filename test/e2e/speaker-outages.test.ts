/** What is left, and what comes back, when the speaker dies or its interface goes; on a real kernel. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { formatAddress } from "../../src/net/address.ts";
import { eventually } from "../support/eventually.ts";
import { announce, arpPackets, reported, reports, speakerLab } from "./speaker-lab.ts";
import { setUp } from "./speaker-world.ts";

const lab = speakerLab();
const vips = ["10.9.0.100", "fd09::100"];

const addressesOn = (name: string): Promise<string> => lab.host(name).run("ip address show dev eth0");

it("mode Address: after a kill -9 the kernel removes the addresses within 3 s, and the node's own are untouched", async () => {
  const before = await addressesOn("a");
  const speaker = await lab.speakerOn("a");
  for (const vip of vips) announce(speaker, vip, { mode: "Address" });
  for (const vip of vips) await reported(speaker, "announced", vip);
  speaker.kill();
  for (const vip of vips)
    assert.match(await addressesOn("a"), new RegExp(`${vip}/[^\\n]*\\n\\s+valid_lft [0-3]sec preferred_lft 0sec`));
  await eventually("the addresses go", async () => (await addressesOn("a")) === before || undefined);
});

it("mode Address: an address that is refreshed outlives its lifetime of 3 s", async () => {
  const speaker = await lab.speakerOn("a");
  announce(speaker, "10.9.0.100", { mode: "Address" });
  await reported(speaker, "announced", "10.9.0.100");
  const untilMs = performance.now() + 5_000;
  await eventually("more than the lifetime passes", async () => {
    assert.match(await addressesOn("a"), /10\.9\.0\.100\/32/);
    return performance.now() > untilMs || undefined;
  });
  assert.deepEqual(reports(speaker, "failed"), []);
});

it("a leftover with Herald's mark is taken away, an address of somebody else is not", async () => {
  const host = lab.host("a");
  const station = await lab.stationOn("a");
  await host.run("ip address add 10.9.0.102/32 dev eth0");
  station.say({ leftover: "10.9.0.101" });
  await eventually("the leftover is there", async () => /10\.9\.0\.101\/32/.test(await addressesOn("a")) || undefined);
  await lab.speakerOn("a");
  await eventually("the leftover is gone", async () => !/10\.9\.0\.101\/32/.test(await addressesOn("a")) || undefined);
  assert.match(await addressesOn("a"), /10\.9\.0\.102\/32/);
  await host.run("ip address delete 10.9.0.102/32 dev eth0");
});

it("a leftover that is announced again stays, with a short lifetime", async () => {
  const station = await lab.stationOn("a");
  station.say({ leftover: "10.9.0.101" });
  await eventually("the leftover is there", async () => /10\.9\.0\.101\/32/.test(await addressesOn("a")) || undefined);
  const speaker = await lab.speakerOn("a");
  announce(speaker, "10.9.0.101", { mode: "Address" });
  await reported(speaker, "announced", "10.9.0.101");
  assert.match(await addressesOn("a"), /10\.9\.0\.101\/32[^\n]*\n\s+valid_lft [0-3]sec/);
});

it("an address that somebody else put on the interface is refused, and left alone", async () => {
  await lab.host("a").run("ip address add 10.9.0.100/32 dev eth0");
  const speaker = await lab.speakerOn("a");
  announce(speaker, "10.9.0.100", { mode: "Address" });
  const { message } = await reported(speaker, "failed", "10.9.0.100");
  assert.match(message ?? "", /already/);
  assert.equal(await speaker.end(), 0);
  assert.match(await addressesOn("a"), /10\.9\.0\.100\/32[^\n]*\n\s+valid_lft forever/);
  await lab.host("a").run("ip address delete 10.9.0.100/32 dev eth0");
});

it("an interface that goes down and comes back is announced on again", async () => {
  const speaker = await lab.speakerOn("a");
  for (const vip of vips) announce(speaker, vip);
  for (const vip of vips) await reported(speaker, "announced", vip);
  await lab.host("a").run("ip link set eth0 down");
  for (const vip of vips) await reported(speaker, "failed", vip);
  await lab.host("a").run("ip link set eth0 up");
  for (const vip of vips) await reported(speaker, "announced", vip, 2);
  await lab.host("a").run("ip address replace fd09::1/64 dev eth0 nodad");
  for (const vip of vips) await lab.resolvesTo(vip, await lab.macOf("a"));
});

it("carrier that is lost and comes back is announced on again", async () => {
  const speaker = await lab.speakerOn("a");
  announce(speaker, "10.9.0.100");
  await reported(speaker, "announced", "10.9.0.100");
  await lab.world().bridge.run("ip link set port-a down");
  await reported(speaker, "failed", "10.9.0.100");
  await lab.world().bridge.run("ip link set port-a up");
  await reported(speaker, "announced", "10.9.0.100", 2);
  await lab.resolvesTo("10.9.0.100", await lab.macOf("a"));
});

it("an interface that is renamed away and back, with another MAC, is announced on again from that MAC", async () => {
  const speaker = await lab.speakerOn("a");
  for (const vip of vips) announce(speaker, vip, { mode: "Address" });
  for (const vip of vips) await reported(speaker, "announced", vip);
  await lab.host("a").run("ip link set eth0 down; ip link set eth0 name gone; ip link set gone up");
  for (const vip of vips) await reported(speaker, "failed", vip);
  assert.doesNotMatch(await lab.host("a").run("ip address show dev gone"), /10\.9\.0\.100|fd09::100/);
  await lab
    .host("a")
    .run("ip link set gone down; ip link set gone name eth0; ip link set eth0 address 02:00:00:00:00:0a");
  await setUp(lab.host("a"), 1);
  for (const vip of vips) await reported(speaker, "announced", vip, 2);
  for (const vip of vips) await lab.resolvesTo(vip, Uint8Array.of(2, 0, 0, 0, 0, 10));
});

it("an interface that does not exist yet, or is removed, is announced on once it is there", async () => {
  const host = lab.host("a");
  const make = "ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up";
  const speaker = await lab.speakerOn("a");
  for (const vip of vips) announce(speaker, vip, { mode: "Address", interface: "v0" });
  for (const vip of vips) await reported(speaker, "failed", vip);
  await host.run(make);
  for (const vip of vips) await reported(speaker, "announced", vip);
  await host.run("ip link delete v0");
  for (const vip of vips) await reported(speaker, "failed", vip, 2);
  await host.run(make);
  for (const vip of vips) await reported(speaker, "announced", vip, 2);
  await host.run("ip link delete v0");
});

it("a thousand addresses at once are all announced on the network", async () => {
  const [speaker, station] = [await lab.speakerOn("a"), await lab.stationOn("client")];
  const many = Array.from({ length: 1000 }, (_, i) => `10.9.${8 + (i >> 8)}.${i & 255}`);
  for (const vip of many) announce(speaker, vip);
  await eventually("a thousand reports", () => reports(speaker, "announced").length === many.length || undefined);
  await eventually("a thousand announcements", () => {
    const seen = new Set(arpPackets(station).map(({ senderIp }) => formatAddress(senderIp)));
    return many.every((vip) => seen.has(vip)) || undefined;
  });
});
