import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatMac, parseMac } from "../../../../src/net/mac.ts";
import { answerSolicitation, neighbourClaim } from "../../../../src/protocols/ndp/answer.ts";
import { allNodesGroup, neighbourProbe, unsolicitedAdvertisement } from "../../../../src/protocols/ndp/frames.ts";
import { type NeighbourSolicitation, solicitedNodeGroup } from "../../../../src/protocols/ndp/message.ts";
import { address } from "../../../support/builders.ts";

const vip = address("2001:db8::7");
const asker = address("fe80::9");
const us = parseMac("02:00:00:00:00:01") ?? assert.fail();
const station = parseMac("02:00:00:00:00:02") ?? assert.fail();
const other = parseMac("02:00:00:00:00:03") ?? assert.fail();
const responder = { mac: us, answersFor: ({ value }: { value: bigint }): boolean => value === vip.value };

const question: NeighbourSolicitation = {
  kind: "solicitation",
  source: asker,
  destination: solicitedNodeGroup(vip),
  target: vip,
  sourceMac: station,
};

describe("answerSolicitation", () => {
  it("answers the asker, solicited and overriding, with our hardware address", () => {
    const answer = answerSolicitation(question, station, responder);
    assert.ok("reply" in answer);
    assert.deepEqual(answer.reply, {
      kind: "advertisement",
      source: vip,
      destination: asker,
      target: vip,
      targetMac: us,
      router: false,
      solicited: true,
      override: true,
    });
    assert.equal(formatMac(answer.destinationMac), formatMac(station));
  });

  it("answers to the hardware address that the question names, before the one that it came from", () => {
    const answer = answerSolicitation(question, other, responder);
    assert.ok("reply" in answer && answer.destinationMac === station);
  });

  it("answers a unicast probe without option to where it came from", () => {
    const answer = answerSolicitation({ ...question, destination: vip, sourceMac: undefined }, other, responder);
    assert.ok("reply" in answer && answer.reply.solicited && answer.destinationMac === other);
  });

  it("answers duplicate address detection to all nodes, not solicited", () => {
    const answer = answerSolicitation(neighbourProbe(vip), station, responder);
    assert.ok("reply" in answer && !answer.reply.solicited && answer.reply.override);
    assert.deepEqual(answer.reply.destination, allNodesGroup);
    assert.equal(formatMac(answer.destinationMac), "33:33:00:00:00:01");
  });

  const answered: Readonly<Record<string, Partial<NeighbourSolicitation>>> = {
    "from another virtual address": { source: address("2001:db8::8") },
    "from another network": { source: address("2001:db8:9::9") },
    "to our address itself": { destination: vip },
    "to our address itself, without option": { destination: vip, sourceMac: undefined },
    "to the group, without option": { sourceMac: undefined },
  };
  for (const [name, changes] of Object.entries(answered))
    it(`answers a question ${name}: solicited, overriding, no router, with the option, to the asker`, () => {
      const asked = { ...question, ...changes };
      const answer = answerSolicitation(asked, station, responder);
      assert.ok("reply" in answer);
      const { source, destination, targetMac, router, solicited, override } = answer.reply;
      assert.deepEqual({ source, destination, targetMac }, { source: vip, destination: asked.source, targetMac: us });
      assert.deepEqual({ router, solicited, override }, { router: false, solicited: true, override: true });
      assert.equal(formatMac(answer.destinationMac), formatMac(station));
    });

  const silent = {
    "an advertisement": [unsolicitedAdvertisement(vip, station), "not-a-solicitation"],
    "a question about another address": [{ ...question, target: address("2001:db8::8") }, "not-ours"],
    "a question sent to another group": [{ ...question, destination: allNodesGroup }, "not-to-us"],
    "a question that is sent from our address": [{ ...question, source: vip }, "claim"],
  } as const;
  for (const [name, [message, why]] of Object.entries(silent))
    it(`is silent on ${name}`, () =>
      assert.deepEqual(answerSolicitation(message, station, responder), { silent: why }));
});

it("what a group is said to have sent is neither answered nor a claim", () => {
  const group = parseMac("ff:ff:ff:ff:ff:ff") ?? assert.fail();
  assert.deepEqual(answerSolicitation({ ...question, sourceMac: undefined }, group, responder), {
    silent: "group-sender",
  });
  for (const message of [question, unsolicitedAdvertisement(vip, station)])
    assert.equal(neighbourClaim(message, group), undefined);
});

describe("neighbourClaim", () => {
  it("an advertisement claims its target, for the hardware address that it names", () => {
    assert.deepEqual(neighbourClaim(unsolicitedAdvertisement(vip, station), other), { address: vip, mac: station });
  });

  it("a question claims the address that it is sent from", () => {
    const claim = neighbourClaim({ ...question, source: vip, sourceMac: undefined }, station);
    assert.deepEqual(claim, { address: vip, mac: station });
  });

  it("duplicate address detection claims nothing", () => {
    assert.equal(neighbourClaim(neighbourProbe(vip), station), undefined);
  });
});
