/** What Herald sends of itself, field by field: announcements and probes. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatAddress } from "../../../src/net/address.ts";
import { formatMac, parseMac } from "../../../src/net/mac.ts";
import { arpProbe, gratuitousReply, gratuitousRequest } from "../../../src/protocols/arp/frames.ts";
import { type ArpPacket, decodeArp, encodeArp } from "../../../src/protocols/arp/packet.ts";
import { multicastMac, neighbourProbe, unsolicitedAdvertisement } from "../../../src/protocols/ndp/frames.ts";
import { decodeNdp, encodeNdp } from "../../../src/protocols/ndp/message.ts";
import { address } from "../../support/builders.ts";

const vip4 = address("192.0.2.7");
const vip6 = address("2001:db8::7");
const mac = parseMac("02:00:00:00:00:01") ?? assert.fail();

const us = "02:00:00:00:00:01";
const nobody = "00:00:00:00:00:00";

describe("ARP", () => {
  const rows: readonly (readonly [string, ArpPacket, readonly string[]])[] = [
    [
      "an announcement in request form: our address as sender and target, no target hardware address (RFC 5227, 2.3)",
      gratuitousRequest(vip4, mac),
      ["request", us, "192.0.2.7", nobody, "192.0.2.7"],
    ],
    [
      "an announcement in reply form: our hardware address twice (RFC 5944, 4.6)",
      gratuitousReply(vip4, mac),
      ["reply", us, "192.0.2.7", us, "192.0.2.7"],
    ],
    [
      "a probe: no sender address, no target hardware address (RFC 5227, 2.1.1)",
      arpProbe(vip4, mac),
      ["request", us, "0.0.0.0", nobody, "192.0.2.7"],
    ],
  ];
  for (const [name, packet, want] of rows)
    it(name, () => {
      const { operation, senderMac, senderIp, targetMac, targetIp } = decodeArp(encodeArp(packet));
      const got = [formatMac(senderMac), formatAddress(senderIp), formatMac(targetMac), formatAddress(targetIp)];
      assert.deepEqual([operation, ...got], want);
    });
});

describe("NDP", () => {
  it("an unsolicited advertisement goes to all nodes, overrides, and names the hardware address (RFC 4861, 7.2.6)", () => {
    const sent = decodeNdp(encodeNdp(unsolicitedAdvertisement(vip6, mac)));
    assert.ok(sent.kind === "advertisement");
    assert.deepEqual([sent.source, sent.target].map(formatAddress), ["2001:db8::7", "2001:db8::7"]);
    assert.equal(formatAddress(sent.destination), "ff02::1");
    assert.equal(formatMac(multicastMac(sent.destination)), "33:33:00:00:00:01");
    assert.equal(sent.targetMac && formatMac(sent.targetMac), us);
    const { router, solicited, override } = sent;
    assert.deepEqual({ router, solicited, override }, { router: false, solicited: false, override: true });
  });

  it("a probe goes from the unspecified address to the solicited-node group, without option (RFC 4862, 5.4.2)", () => {
    const sent = decodeNdp(encodeNdp(neighbourProbe(vip6)));
    assert.ok(sent.kind === "solicitation");
    assert.deepEqual([sent.source, sent.destination].map(formatAddress), ["::", "ff02::1:ff00:7"]);
    assert.equal(formatMac(multicastMac(sent.destination)), "33:33:ff:00:00:07");
    assert.equal(sent.sourceMac, undefined);
  });

  it("every message leaves with hop limit 255, so that it is known to come from this link (RFC 4861, 7.1)", () => {
    for (const message of [unsolicitedAdvertisement(vip6, mac), neighbourProbe(vip6)])
      assert.equal(encodeNdp(message)[7], 255);
  });
});
