import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseMac } from "../../../../src/net/mac.ts";
import { answerArp, arpClaim } from "../../../../src/protocols/arp/answer.ts";
import { arpProbe, gratuitousReply, gratuitousRequest } from "../../../../src/protocols/arp/frames.ts";
import type { ArpPacket } from "../../../../src/protocols/arp/packet.ts";
import { address } from "../../../support/builders.ts";

const vip = address("192.0.2.7");
const us = parseMac("02:00:00:00:00:01") ?? assert.fail();
const station = parseMac("02:00:00:00:00:02") ?? assert.fail();
const group = parseMac("ff:ff:ff:ff:ff:ff") ?? assert.fail();
const nobody = new Uint8Array(6);
const answersFor = ({ value }: { value: bigint }): boolean => value === vip.value;

const request: ArpPacket = {
  operation: "request",
  senderMac: station,
  senderIp: address("192.0.2.9"),
  targetMac: new Uint8Array(6),
  targetIp: vip,
};

describe("answerArp", () => {
  it("answers a request with our hardware address, to its sender", () => {
    assert.deepEqual(answerArp(request, us, answersFor), {
      reply: { operation: "reply", senderMac: us, senderIp: vip, targetMac: station, targetIp: request.senderIp },
    });
  });

  it("answers a probe, whose sender has no address yet", () => {
    const answer = answerArp(arpProbe(vip, station), us, answersFor);
    assert.ok("reply" in answer);
    assert.deepEqual(answer.reply.targetIp, address("0.0.0.0"));
    assert.deepEqual(answer.reply.targetMac, station);
  });

  const answered: Readonly<Record<string, Partial<ArpPacket>>> = {
    "in a unicast poll that names our hardware address (RFC 1122, 2.3.2.1)": { targetMac: us },
    "with all ones as target hardware address, as some programs send it": { targetMac: group },
    "of another virtual address": { senderIp: address("192.0.2.8") },
    "of another network": { senderIp: address("203.0.113.9") },
    "of a broadcast address, as Linux does": { senderIp: address("255.255.255.255") },
  };
  for (const [name, changes] of Object.entries(answered))
    it(`answers a request ${name}, to the sender's own hardware address`, () => {
      const asked = { ...request, ...changes };
      assert.deepEqual(answerArp(asked, us, answersFor), {
        reply: { operation: "reply", senderMac: us, senderIp: vip, targetMac: station, targetIp: asked.senderIp },
      });
    });

  const silent = {
    "a reply": [{ ...request, operation: "reply" }, "not-a-request"],
    "a request for another address": [{ ...request, targetIp: address("192.0.2.8") }, "not-ours"],
    "a request from a group address": [{ ...request, senderMac: group }, "no-station"],
    "a request from no hardware address at all": [{ ...request, senderMac: nobody }, "no-station"],
    "a probe from no hardware address at all": [arpProbe(vip, nobody), "no-station"],
    "an announcement of our address in reply form": [gratuitousReply(vip, station), "not-a-request"],
    "an announcement of our address by another": [gratuitousRequest(vip, station), "claim"],
  } as const;
  for (const [name, [packet, why]] of Object.entries(silent))
    it(`is silent on ${name}`, () => assert.deepEqual(answerArp(packet, us, answersFor), { silent: why }));
});

describe("arpClaim", () => {
  const claims: readonly (readonly [string, ArpPacket, boolean])[] = [
    ["an announcement in request form", gratuitousRequest(vip, station), true],
    ["an announcement in reply form", gratuitousReply(vip, station), true],
    ["an answer", { ...request, operation: "reply", senderIp: vip }, true],
    ["a question from the address", { ...request, senderIp: vip, targetIp: address("192.0.2.9") }, true],
    ["a probe", arpProbe(vip, station), false],
    ["a packet from a group address", gratuitousRequest(vip, group), false],
    ["a packet from no hardware address at all", gratuitousRequest(vip, nobody), false],
  ];
  for (const [name, packet, isClaim] of claims)
    it(`${name} is ${isClaim ? "a" : "no"} claim`, () => {
      assert.deepEqual(arpClaim(packet), isClaim ? { address: vip, mac: station } : undefined);
    });
});
