/** What the replaced systems do on the LAN, as it is decided without a network: interfaces, answers, frames, endpoints. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { endpointRanks, rankOf } from "../../../src/announce/endpoint-rank.ts";
import { interfaceFor } from "../../../src/announce/interface-for.ts";
import { type EndpointObject, parseEndpointSlice } from "../../../src/api/endpoint-slice.ts";
import type { NodeInterface } from "../../../src/api/vip-node.ts";
import { formatMac, parseMac } from "../../../src/net/mac.ts";
import { answerArp } from "../../../src/protocols/arp/answer.ts";
import { arpProbe, gratuitousReply, gratuitousRequest } from "../../../src/protocols/arp/frames.ts";
import { answerSolicitation } from "../../../src/protocols/ndp/answer.ts";
import { neighbourProbe, unsolicitedAdvertisement } from "../../../src/protocols/ndp/frames.ts";
import { framesFor } from "../../../src/speaker/frames.ts";
import { address, nodeInterface } from "../../support/builders.ts";

type Row = { readonly row: string; readonly rule: string; readonly does: () => void };

function rows(title: string, all: readonly Row[]): void {
  describe(title, () => {
    for (const { row, rule, does } of all) it(`${row}: ${rule}`, does);
  });
}

const link = (name: string, subnet: string, changes: Partial<NodeInterface> = {}): NodeInterface => {
  const { subnets: _, ...rest } = { defaultRoute: false, ...changes };
  return nodeInterface({ name, subnets: [subnet], ...rest });
};

const eth0 = link("eth0", "192.168.0.11/24", { defaultRoute: true });
const vlan = link("eth0.200", "10.20.0.11/24");
const ens160 = link("ens160", "172.16.0.11/24");

/** The interface's name, or the reason why there is none. */
function placeOf(vip: string, wanted: readonly string[], interfaces: readonly NodeInterface[]): string {
  const place = interfaceFor(address(vip), wanted, interfaces);
  return "reason" in place ? place.reason : place.interface;
}

rows("The interface", [
  {
    row: "kube-vip 1.1",
    rule: "without configuration it is that of the default route, if no subnet holds the address",
    does: () => assert.equal(placeOf("203.0.113.7", [], [vlan, eth0]), "eth0"),
  },
  {
    row: "kube-vip 1.1",
    rule: "it must be up; another is no substitute",
    does: () => assert.equal(placeOf("192.168.0.200", [], [{ ...eth0, up: false }, ens160]), "InterfaceDown"),
  },
  {
    row: "kube-vip 1.1 (decided otherwise)",
    rule: "the end of the default route is no reason to end: the address is refused until there is an interface",
    does: () => assert.equal(placeOf("203.0.113.7", [], [{ ...eth0, defaultRoute: false }]), "NoInterface"),
  },
  {
    row: "kube-vip 1.2 serviceInterface, S73",
    rule: "the one that is named carries the address, whatever its subnet, and no other",
    does: () => {
      assert.equal(placeOf("192.168.0.200", ["ens160"], [eth0, ens160]), "ens160");
      assert.equal(placeOf("192.168.0.200", ["ens161"], [eth0, ens160]), "NoInterface");
    },
  },
  {
    row: "kube-vip 1.2 serviceInterface auto",
    rule: "it is the one whose subnet holds the address",
    does: () => assert.equal(placeOf("10.20.0.200", [], [eth0, vlan, ens160]), "eth0.200"),
  },
  {
    row: "kube-vip 1.2 serviceVLAN (decided otherwise)",
    rule: "a VLAN's interface is used where it is; a node without it is not made one",
    does: () => {
      assert.equal(placeOf("203.0.113.7", ["eth0.200"], [eth0, vlan]), "eth0.200");
      assert.equal(placeOf("203.0.113.7", ["eth0.200"], [eth0]), "NoInterface");
    },
  },
  {
    row: "kube-vip #822",
    rule: "nodes may call it differently: several names and expressions, each node takes what it has",
    does: () => {
      const wanted = ["eth0", "/^ens/"];
      assert.deepEqual(
        [placeOf("203.0.113.7", wanted, [eth0]), placeOf("203.0.113.7", wanted, [ens160])],
        ["eth0", "ens160"],
      );
    },
  },
  {
    row: "kube-vip #504",
    rule: "several interfaces: each address goes to the one that is on its network",
    does: () => {
      const places = ["192.168.0.200", "10.20.0.200", "172.16.0.200"].map((vip) =>
        placeOf(vip, [], [eth0, vlan, ens160]),
      );
      assert.deepEqual(places, ["eth0", "eth0.200", "ens160"]);
    },
  },
]);

const vip4 = address("147.75.100.235");
const vip6 = address("2001:db8::235");
const us = parseMac("02:00:00:00:00:01") ?? assert.fail();
const neighbour = parseMac("02:00:00:00:00:02") ?? assert.fail();
const holds = ({ value }: { readonly value: bigint }): boolean => value === vip4.value || value === vip6.value;
const holdsNothing = (): boolean => false;

rows("Frames and answers", [
  {
    row: "S99, kube-vip 1.5",
    rule: "a gratuitous ARP binds the address to the holder's MAC: sender and target are the address",
    does: () => {
      for (const packet of [gratuitousRequest(vip4, us), gratuitousReply(vip4, us)])
        assert.deepEqual([packet.senderIp, packet.targetIp, formatMac(packet.senderMac)], [vip4, vip4, formatMac(us)]);
    },
  },
  {
    row: "kube-vip 1.5 (decided otherwise)",
    rule: "each announcement is request and reply, not one of them by a toggle that all addresses share",
    does: () => {
      for (const frame of ["takeOver", "repeat", "defence"] as const)
        assert.deepEqual(
          framesFor(vip4, frame).map((each) => each.frame.form),
          ["gratuitousRequest", "gratuitousReply"],
        );
    },
  },
  {
    row: "kube-vip 1.5 (decided otherwise)",
    rule: "no target hardware address in a gratuitous request (RFC 5227), where theirs is all ones",
    does: () => assert.deepEqual(gratuitousRequest(vip4, us).targetMac, new Uint8Array(6)),
  },
  {
    row: "kube-vip 1.5",
    rule: "an IPv6 address is announced to all nodes: override, not solicited, with the link-layer option",
    does: () => {
      const { override, solicited, targetMac } = unsolicitedAdvertisement(vip6, us);
      assert.deepEqual([override, solicited, targetMac], [true, false, us]);
      assert.deepEqual(
        framesFor(vip6, "takeOver").map((each) => each.frame.form),
        ["advertisement"],
      );
    },
  },
  {
    row: "kube-vip 1.5",
    rule: "another station's duplicate address detection finds the address in use, both families",
    does: () => {
      assert.ok("reply" in answerArp(arpProbe(vip4, neighbour), us, holds));
      assert.ok("reply" in answerSolicitation(neighbourProbe(vip6), neighbour, { mac: us, answersFor: holds }));
    },
  },
  {
    row: "S97",
    rule: "a node that does not hold the address answers nothing for it",
    does: () => {
      assert.deepEqual(answerArp(arpProbe(vip4, neighbour), us, holdsNothing), { silent: "not-ours" });
      const responder = { mac: us, answersFor: holdsNothing };
      assert.deepEqual(answerSolicitation(neighbourProbe(vip6), neighbour, responder), { silent: "not-ours" });
    },
  },
]);

type Given = readonly EndpointObject[];

const on = (nodeName: string, conditions: EndpointObject["conditions"] = { ready: true }): EndpointObject => ({
  nodeName,
  conditions,
});

/** The ranks of node1 and node2 (0: ready, 1: serving while it terminates, 2: none) with these slices of shop/web. */
function ranks(...slices: readonly Given[]): readonly number[] {
  const parsed = slices.map((endpoints, i) => {
    const metadata = { name: `web-${i}`, namespace: "shop", labels: { "kubernetes.io/service-name": "web" } };
    return parseEndpointSlice({ metadata, endpoints }) ?? assert.fail();
  });
  const of = endpointRanks(parsed);
  return ["node1", "node2"].map((node) => rankOf(node, [{ namespace: "shop", name: "web", uid: "" }], of));
}

const leaving = { ready: false, serving: true, terminating: true };

rows("Endpoints under policy Local", [
  {
    row: "kube-vip 1.4, #201 #431 #448",
    rule: "only nodes with an endpoint serve",
    does: () => assert.deepEqual(ranks([on("node2")]), [2, 0]),
  },
  {
    row: "kube-vip 1.4 (bug of theirs)",
    rule: "all slices of a Service count, in any order",
    does: () => {
      assert.deepEqual(ranks([on("node1")], []), [0, 2]);
      assert.deepEqual(ranks([], [on("node1")]), [0, 2]);
      assert.deepEqual(ranks([on("node1")], [on("node2")]), [0, 0]);
    },
  },
  {
    row: "kube-vip 1.4 (bug of theirs)",
    rule: "the end of a slice takes its endpoints away",
    does: () => {
      assert.deepEqual(ranks([on("node1")], [on("node2")]), [0, 0]);
      assert.deepEqual(ranks([on("node1")]), [0, 2]);
    },
  },
  {
    row: "kube-vip 1.4, S87",
    rule: "an endpoint that is not ready does not count, one without conditions does",
    does: () => assert.deepEqual(ranks([on("node1", { ready: false }), { nodeName: "node2" }]), [2, 0]),
  },
  {
    row: "kube-vip 1.4, #1397",
    rule: "one that serves while it terminates is better than none, and worse than a ready one",
    does: () => assert.deepEqual(ranks([on("node1", leaving), on("node2")]), [1, 0]),
  },
  {
    row: "kube-vip #608",
    rule: "one that terminates and does not serve is none",
    does: () => assert.deepEqual(ranks([on("node1", { ...leaving, serving: false })]), [2, 2]),
  },
]);
