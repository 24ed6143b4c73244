/** Who answers for an address, on a real kernel. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sameAddress } from "../../src/net/address.ts";
import { formatMac } from "../../src/net/mac.ts";
import { arpProbe, broadcastMac } from "../../src/protocols/arp/frames.ts";
import { address } from "../support/builders.ts";
import { eventually } from "../support/eventually.ts";
import {
  announce,
  arpPackets,
  neighbourMessages,
  reported,
  reports,
  sendArp,
  sendNdp,
  speakerLab,
} from "./speaker-lab.ts";

const lab = speakerLab();
const vip4 = "10.9.0.100";
const vip6 = "fd09::100";

for (const mode of ["Responder", "Address"]) {
  describe(`mode ${mode}`, () => {
    it("the client's kernel resolves both families to the node, and nothing is left after the close", async () => {
      const speaker = await lab.speakerOn("a");
      for (const vip of [vip4, vip6]) announce(speaker, vip, { mode });
      for (const vip of [vip4, vip6]) await reported(speaker, "announced", vip);
      for (const vip of [vip4, vip6]) await lab.resolvesTo(vip, await lab.macOf("a"));
      const during = await lab.host("a").run("ip address show dev eth0");
      for (const vip of [vip4, vip6]) assert.equal(during.includes(`${vip}/`), mode === "Address");

      assert.equal(await speaker.end(), 0);
      for (const vip of [vip4, vip6]) assert.equal(reports(speaker, "withdrawn", vip).length, 1);
      assert.doesNotMatch(await lab.host("a").run("ip address show dev eth0"), /10\.9\.0\.100|fd09::100/);
      assert.doesNotMatch(await lab.host("a").run("ip maddress show dev eth0"), /ff02::1:ff00:100/);
    });

    it("a probe from 0.0.0.0 is answered (RFC 5227)", async () => {
      const [speaker, station, mac] = [await lab.speakerOn("a"), await lab.stationOn("client"), await lab.macOf("a")];
      announce(speaker, vip4, { mode });
      await reported(speaker, "announced", vip4);
      sendArp(station, arpProbe(address(vip4), await lab.macOf("client")), broadcastMac);
      const answer = await eventually("an answer", () =>
        arpPackets(station).find(
          ({ targetIp, senderIp }) => targetIp.value === 0n && sameAddress(senderIp, address(vip4)),
        ),
      );
      assert.equal(answer.operation, "reply");
      assert.equal(formatMac(answer.senderMac), formatMac(mac));
    });

    it("duplicate address detection of another host finds the address in use (RFC 4862)", async () => {
      const speaker = await lab.speakerOn("a");
      announce(speaker, vip6, { mode });
      await reported(speaker, "announced", vip6);
      const client = lab.host("client");
      await client.run(`ip address add ${vip6}/64 dev eth0`);
      await eventually("dadfailed", async () =>
        (await client.run("ip address show dev eth0")).includes("dadfailed") ? true : undefined,
      );
      await client.run(`ip address delete ${vip6}/64 dev eth0`);
    });

    it("a unicast probe of unreachability detection without link-layer option is answered", async () => {
      const [speaker, station] = [await lab.speakerOn("a"), await lab.stationOn("client")];
      announce(speaker, vip6, { mode });
      await reported(speaker, "announced", vip6);
      const [source, target] = [address("fd09::3"), address(vip6)];
      const macs = { source: await lab.macOf("client"), destination: await lab.macOf("a") };
      // The kernel of mode Address answers the sender's address, for which it must know the MAC.
      await lab.host("a").run(`ip neigh replace fd09::3 lladdr ${formatMac(macs.source)} dev eth0`);
      sendNdp(station, { kind: "solicitation", source, destination: target, target, sourceMac: undefined }, macs);
      const answer = await eventually("an answer", () =>
        neighbourMessages(station).find(
          (message) => message.kind === "advertisement" && sameAddress(message.destination, source),
        ),
      );
      assert.ok(answer.kind === "advertisement" && answer.solicited && !answer.router);
      // The kernel leaves out the option and the override flag in answers to unicast questions.
      assert.equal(answer.override, mode === "Responder");
      assert.equal(formatMac(answer.targetMac ?? macs.destination), formatMac(macs.destination));
    });
  });
}

it("what was announced is found again in no other host's answers", async () => {
  const [speaker, station] = [await lab.speakerOn("a"), await lab.stationOn("client")];
  announce(speaker, vip4);
  await reported(speaker, "announced", vip4);
  sendArp(station, arpProbe(address("10.9.0.99"), await lab.macOf("client")), broadcastMac);
  sendArp(station, arpProbe(address(vip4), await lab.macOf("client")), broadcastMac);
  await eventually("the answer to the later question", () =>
    arpPackets(station).find(({ senderIp, targetIp }) => targetIp.value === 0n && sameAddress(senderIp, address(vip4))),
  );
  assert.ok(!arpPackets(station).some(({ senderIp }) => sameAddress(senderIp, address("10.9.0.99"))));
});

it("the interfaces are told with their own addresses, and never with virtual ones", async () => {
  const speaker = await lab.speakerOn("a");
  announce(speaker, vip4, { mode: "Address" });
  await reported(speaker, "announced", vip4);
  await lab.host("a").run("ip address add 10.9.7.1/24 dev eth0");
  const last = await eventually("a report with the new subnet", () =>
    reports(speaker, "interfaces").find(({ interfaces }) => interfaces?.[0]?.subnets.length === 3),
  );
  await lab.host("a").run("ip address delete 10.9.7.1/24 dev eth0");
  assert.deepEqual(last.interfaces?.[0]?.subnets, [
    { address: "10.9.0.1", length: 24 },
    { address: "10.9.7.1", length: 24 },
    { address: "fd09::1", length: 64 },
  ]);
});
