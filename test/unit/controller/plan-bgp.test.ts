import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Announcement, defaultArp } from "../../../src/api/announcement.ts";
import { defaultBgp } from "../../../src/api/bgp-announcement.ts";
import { pool } from "../../support/builders.ts";
import type { World } from "../../support/controller-world.ts";
import { byBgp, fallen, names, reports, route, seen, two, world } from "./routed-world.ts";

describe("an address of a pool that is announced by BGP alone", () => {
  it("S7: is shown by its Service once a router was told of it, and by no group or node of the LAN", async () => {
    const made = await world(byBgp());
    assert.deepEqual(seen(made).shown, []);
    await route(made, ["node2"]);
    const { advertisement, shown, said } = seen(made);
    assert.deepEqual([advertisement.group, advertisement.node, advertisement.status.protocol], ["", "", "BGP"]);
    assert.deepEqual([shown, said?.status], [["192.0.2.0"], "True"]);
    assert.equal(said?.message, "192.0.2.0 is announced by BGP");
  });

  it("S75: lists all that announce it, each a next hop", async () => {
    const made = await world(byBgp());
    await route(made, names);
    assert.deepEqual(seen(made).advertisement.status.holders, names);
  });

  it("S106: the spec says who announces before anybody does, and the status comes after", async () => {
    const made = await world(byBgp(two));
    const { advertisement } = seen(made);
    assert.equal(advertisement.announcers?.length, 2);
    assert.deepEqual(advertisement.status.holders ?? [], []);
    await route(made, names);
    assert.deepEqual(seen(made).advertisement.status.holders, advertisement.announcers);
  });

  it("the claim itself says who announces: no second write is needed", async () => {
    const made = await world(byBgp(two));
    assert.equal(seen(made).advertisement.generation, 1);
  });

  it("S104: one that dies is replaced, and the Service goes on showing the address", async () => {
    const made = await world(byBgp(two));
    await route(made, names);
    const [lost = ""] = seen(made).advertisement.announcers ?? [];
    made.liveness.set(lost, "dead");
    await made.settle();
    const { advertisement, shown } = seen(made);
    assert.equal(advertisement.announcers?.length, 2);
    assert.ok(!advertisement.announcers?.includes(lost));
    assert.deepEqual(shown, ["192.0.2.0"]);
  });

  it("tells people why when no session is established, and keeps the ingress", async () => {
    const made = await world(byBgp());
    await route(made, names);
    await route(made, []);
    const { said, shown } = seen(made);
    assert.deepEqual([said?.status, said?.reason, shown], ["False", "NoSession", ["192.0.2.0"]]);
    assert.ok(made.plan().length === 0);
  });

  it("leaves the LAN when its pool turns to BGP, and comes back to it", async () => {
    const made = await world({ arp: defaultArp }, { pool: { addresses: ["192.168.50.96/27"] } });
    made.announce();
    await made.settle();
    const before = seen(made).advertisement;
    assert.notEqual(before.node, "");
    const turn = async (announcement: Announcement): Promise<void> => {
      const given = pool({ addresses: ["192.168.50.96/27"], announcement });
      made.pools.put("public", given);
      await made.settle();
    };
    await turn(byBgp(two));
    const { node, group, announcers } = seen(made).advertisement;
    assert.deepEqual([node, group, announcers?.length], ["", "", 2]);
    await turn({ arp: defaultArp });
    const after = seen(made).advertisement;
    assert.ok(after.node !== "" && after.announcers === undefined);
  });
});

describe("an address that is announced on the LAN and by BGP", () => {
  it("is announced once either is so, and the message says which", async () => {
    const both = { arp: defaultArp, ...byBgp() };
    const made = await world(both, { pool: { addresses: ["192.168.50.96/27"] } });
    await route(made, ["node1"]);
    const { said, advertisement } = seen(made);
    assert.equal(advertisement.status.protocol, "ARP+BGP");
    assert.equal(said?.status, "True");
    assert.match(said?.message ?? "", /^192\.168\.50\.96 is announced by BGP; not on the LAN: /);
    made.announce();
    await route(made, ["node1"]);
    assert.match(seen(made).said?.message ?? "", /^node\d answers for 192\.168\.50\.96; it is announced by BGP too$/);
    await route(made, []);
    assert.match(
      seen(made).said?.message ?? "",
      /^node\d answers for .*; not by BGP: node1, node2 and node3 have no established BGP session /,
    );
  });
});

describe("what a Service asks of its announcement", () => {
  const overrides = { protocols: ["arp", "bgp"], nodes: { count: 1 } } as const;

  it("is in its claim where the pool permits it", async () => {
    const made = await world(byBgp(), {
      asks: { overrides },
      pool: { allowOverrides: new Set(["protocols", "nodes"]) },
    });
    const { announcement, announcers } = seen(made).advertisement;
    assert.deepEqual(announcement, { arp: defaultArp, bgp: { ...defaultBgp, nodes: { count: 1 } } });
    assert.equal(announcers?.length, 1);
  });

  it("is denied in words where the pool does not, and it gets the address all the same", async () => {
    const made = await world(byBgp(), { asks: { overrides }, pool: { allowOverrides: new Set(["nodes"]) } });
    const { advertisement, allocated } = seen(made);
    assert.deepEqual(advertisement.announcement, byBgp({ nodes: { count: 1 } }));
    await route(made, names);
    const { allocated: said = allocated } = seen(made);
    assert.deepEqual([said?.status, said?.reason], ["True", "RequestRefused"]);
    assert.equal(
      said?.message,
      "pool public does not let services override protocols, so herald.dev/protocols has no effect; has 192.0.2.0 from pool public",
    );
  });
});

describe("the status of a BGPPeer", () => {
  it("follows the nodes' sessions, at most once a second", async () => {
    const made = await world(byBgp());
    await route(made, names);
    assert.deepEqual([made.peers.get("tor")?.status.established, made.peers.get("tor")?.status.wanted], [3, 3]);
    made.gatherer.peerWritten("tor");
    reports(made, "node1", fallen);
    const kinds = () => made.plan().map(({ kind }) => kind);
    assert.deepEqual(kinds().includes("writePeerStatus"), false);
    assert.ok((made.gatherer.snapshot().changesInMs ?? Number.POSITIVE_INFINITY) <= 1_000);
    made.nowMs += 1_000;
    assert.deepEqual(kinds().includes("writePeerStatus"), true);
  });

  it("names everything that is wrong with one that cannot be read, once, in words and by an Event", async () => {
    const made = await world(byBgp());
    await route(made, names);
    const { name, uid, resourceVersion, status } = made.peers.get("tor") ?? assert.fail();
    const problems = [
      { path: "spec.asn", message: "is 0" },
      { path: "spec.holdTime", message: "is no duration" },
    ];
    const invalid = { name, uid, resourceVersion, generation: 2, status, problems };
    made.peers.delete(name);
    made.invalidPeers.put(name, invalid);
    const change = made.plan().find(({ kind }) => kind === "writePeerStatus") ?? assert.fail();
    assert.ok(change.kind === "writePeerStatus");
    const [ready, ...others] = change.status.conditions;
    assert.deepEqual([ready?.type, others], ["Ready", []]);
    const words = "spec.asn: is 0; spec.holdTime: is no duration";
    assert.deepEqual([ready?.status, ready?.reason, ready?.message], ["False", "Invalid", words]);
    assert.deepEqual([change.status.established, change.status.observedGeneration], [0, 2]);
    const object = { kind: "BGPPeer", name, uid } as const;
    assert.deepEqual(change.notices, [{ object, type: "Warning", reason: "Invalid", message: words }]);
    made.invalidPeers.put(name, { ...invalid, status: change.status });
    assert.deepEqual(
      made.plan().filter(({ kind }) => kind === "writePeerStatus"),
      [],
    );
  });

  it("tells of sessions that fell or came up in one Event each", async () => {
    const made = await world(byBgp());
    const told = (done: Awaited<ReturnType<World["settle"]>>) =>
      done.flatMap(({ notices }) => notices.filter(({ object }) => object.kind === "BGPPeer"));
    const say = (up: readonly string[]): void => {
      for (const name of names) reports(made, name, up.includes(name) ? {} : fallen);
      made.nowMs += 1_000;
    };
    say(names);
    const [rose] = told(await made.settle());
    assert.deepEqual([rose?.type, rose?.reason], ["Normal", "SessionEstablished"]);
    say(["node3"]);
    const fell = told(await made.settle());
    assert.deepEqual(
      fell.map(({ type, reason, message }) => [type, reason, message]),
      [
        [
          "Warning",
          "SessionDown",
          "sessions of node1 and node2 are not established: hold timer expired; 1 of 3 are established",
        ],
      ],
    );
    say(names);
    const again = told(await made.settle());
    assert.deepEqual(
      again.map(({ message }) => message),
      ["sessions of node1 and node2 are established; 3 of 3 are established"],
    );
  });
});
