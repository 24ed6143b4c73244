import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defaultBgp } from "../../../src/api/bgp-announcement.ts";
import type { Advertisement } from "../../../src/api/vip-advertisement.ts";
import type { NodeBgpSession } from "../../../src/api/vip-node.ts";
import { AddressStates } from "../../../src/controller/address-states.ts";
import type { RouteRights } from "../../../src/controller/route-rights.ts";
import { advertisement, service } from "../../support/builders.ts";
import { groups, onBoth, report, rightsOf, stateOf, text } from "./routed-scene.ts";

describe("a session that is not one by which the address would be told", () => {
  const two = ["n1", "n2"];
  const ofTor = { n1: { session: "Established" }, n2: { session: "Idle" } } as const;
  const rights = (peers: Readonly<Record<string, readonly string[]>>) => ({ rights: () => rightsOf(peers) });

  it("does not hide that the router that matters is down", () => {
    for (const announcers of [undefined, two]) {
      const { reason, message } = stateOf(
        ofTor,
        { ...(announcers && { announcers }) },
        rights({ n1: ["spine"], n2: ["tor"] }),
      ).state;
      assert.deepEqual(
        [reason, message],
        ["NoSession", "n1 and n2 have no established BGP session with a router that is to hear of it"],
      );
    }
  });

  it("is none of a node that nobody would hear of it from", () => {
    const { message } = stateOf(ofTor, {}, rights({ n2: ["tor"] })).state;
    assert.equal(message, "n2 has no established BGP session with a router that is to hear of it");
  });

  it("counts for another address", () => {
    const told = rights({ n1: ["spine", "tor"], n2: ["tor"] });
    assert.equal(stateOf(ofTor, {}, told).state.message, "n1 told no router of it yet");
  });

  it("is told from the others address by address, and anew when peers are others", () => {
    const reports = new Map(Object.entries(ofTor).map(([name, node]) => [name, report(name, node)]));
    const ledger = ["tor", "spine"].map((uplink, i) =>
      advertisement(`192.0.2.${i}`, {
        owner: service(),
        announcement: { bgp: { ...defaultBgp, peerSelector: { matchLabels: { uplink } } } },
      }),
    );
    const states = new AddressStates();
    const reasons = (known: RouteRights) =>
      [...states.at(ledger, { reports, groups, rights: known }, 0).states.values()].map(({ reason }) => reason);
    const byLabel: RouteRights = ({ announcement: { bgp } }) =>
      rightsOf({ n1: [bgp?.peerSelector?.matchLabels?.uplink ?? ""] });
    assert.deepEqual(reasons(byLabel), ["NotYetAnnounced", "NoSession"]);
    assert.deepEqual(
      reasons(() => rightsOf({ n1: ["spine"] })),
      ["NoSession", "NoSession"],
    );
  });
});

describe("why nobody announces an address by BGP", () => {
  it("takes for a reason of BGP what a node refuses by BGP, of an address that is on the LAN too", () => {
    const reasons = ["Conflict", "SpeakerFailed", "NoGroup", "NoInterface", "StrictARPOff"];
    const ofBgp = ["FamilyNotTold", "NoPeer", "NotChosen", "Draining", "NodeExcluded"];
    const besides = (reason: string, is: Partial<Advertisement>): string | undefined => {
      const n2 = { session: "Active", refuses: "why", reason } as const;
      return stateOf({ n1: { answers: true, session: "Active" }, n2 }, { ...onBoth, ...is }).state.besides;
    };
    for (const reason of reasons)
      assert.equal(
        besides(reason, {}),
        "not by BGP: n1 and n2 have no established BGP session with a router that is to hear of it",
      );
    for (const reason of ofBgp) assert.equal(besides(reason, {}), "not by BGP: n2: why");
  });

  it("is told anew when only a session changes of an address that nobody announces", () => {
    const vip = advertisement(text, { owner: service(), announcement: { bgp: defaultBgp } });
    const states = new AddressStates();
    const reasonWith = (session: NodeBgpSession["state"]) =>
      states.at([vip], { reports: new Map([["n1", report("n1", { session })]]), groups }, 0).states.get(vip.name)
        ?.reason;
    assert.deepEqual([reasonWith("Active"), reasonWith("Established")], ["NoSession", "NotYetAnnounced"]);
  });
});

describe("why nobody announces thousands of addresses", () => {
  it("is found once for all with the same announcers", () => {
    const count = 200;
    let looked = 0;
    const nodes = Array.from({ length: count }, (_, i) => {
      const seen = report(`n${i}`, { session: "Active" });
      const get = () => {
        looked++;
        return seen.of.bgp;
      };
      const of = Object.defineProperty({ ...seen.of }, "bgp", { get });
      return [`n${i}`, { ...seen, of }] as const;
    });
    const ledger = Array.from({ length: count }, (_, i) =>
      advertisement(`192.0.2.${i}`, { owner: service(), announcement: { bgp: defaultBgp } }),
    );
    const { states } = new AddressStates().at(ledger, { reports: new Map(nodes), groups }, 0);
    assert.deepEqual([states.size, [...states.values()][7]?.reason], [count, "NoSession"]);
    assert.ok(looked <= count, `${looked} looks at sessions`);
  });
});
