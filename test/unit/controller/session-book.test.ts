import assert from "node:assert/strict";
import { it } from "node:test";
import type { Liveness } from "../../../src/announce/eligibility.ts";
import type { NodeBgpSession } from "../../../src/api/vip-node.ts";
import { nodeReport } from "../../../src/controller/node-reports.ts";
import { SessionBook } from "../../../src/controller/session-book.ts";
import { peer } from "../../support/bgp-builders.ts";
import { clusterNode, vipNode } from "../../support/builders.ts";

type Said = {
  readonly state?: NodeBgpSession["state"];
  readonly of?: string;
  readonly liveness?: Liveness;
  readonly silent?: { readonly ipv6: string };
};

const peers = [peer(), peer({ name: "far", nodeSelector: { matchLabels: { rack: "z" } } })];
const nodes = ["n1", "n2"].map((name) => clusterNode(name));

/** What the nodes say of one session each. */
function reports(said: Readonly<Record<string, Said>>) {
  return new Map(
    Object.entries(said).map(([name, { state, of = "tor", liveness = "alive", silent }]) => {
      const bgp = state && [{ peer: of, state, since: "", message: "", announced: 0, ...(silent && { silent }) }];
      return [name, nodeReport(vipNode(name, bgp && { bgp }), liveness)];
    }),
  );
}

function follower() {
  const book = new SessionBook();
  return (said: Readonly<Record<string, Said>>, nowMs: number) => {
    const { mute, steady } = book.at({ reports: reports(said), nodes, peers }, nowMs);
    return [[...mute], [...steady], book.changesInMs(nowMs)];
  };
}

it("calls a session mute that is down for 10 s, and steady that is up for 30 s", () => {
  const at = follower();
  assert.deepEqual(at({ n1: { state: "Established" }, n2: { state: "Active" } }, 0), [[], [], [10_000, 30_000]]);
  assert.deepEqual(at({ n1: { state: "Established" }, n2: { state: "Idle" } }, 10_000), [
    ["n2 tor"],
    [],
    [undefined, 20_000],
  ]);
  assert.deepEqual(at({ n1: { state: "Established" }, n2: { state: "Established" } }, 30_000), [
    [],
    ["n1 tor"],
    [undefined, 30_000],
  ]);
});

it("begins anew with each break", () => {
  const at = follower();
  at({ n1: { state: "Active" } }, 0);
  at({ n1: { state: "Established" } }, 9_000);
  assert.deepEqual(at({ n1: { state: "Active" } }, 10_000).slice(0, 2), [[], []]);
});

it("takes a session for down of which a node says nothing, as agents do that know no BGP", () => {
  const at = follower();
  at({ n1: {} }, 0);
  assert.deepEqual(at({ n1: {} }, 10_000)[0], ["n1 tor"]);
});

it("calls a session mute for a family alone of which it has told nothing for 10 s, and steady all the same", () => {
  const at = follower();
  const silent = { n1: { state: "Established", silent: { ipv6: "no address" } } } as const;
  assert.deepEqual(at(silent, 0)[0], []);
  at(silent, 10_000);
  assert.deepEqual(at(silent, 30_000).slice(0, 2), [["n1 tor IPv6"], ["n1 tor"]]);
  assert.deepEqual(at({ n1: { state: "Established" } }, 31_000)[0], []);
});

it("knows sessions with routers that a Node's annotations name", () => {
  const at = follower();
  const own = { n1: { state: "Active", of: "n1/192.0.2.9" } } as const;
  at(own, 0);
  assert.deepEqual(at(own, 10_000)[0], ["n1 tor", "n1 n1/192.0.2.9"]);
});

for (const liveness of ["dead", "leaving"] as const)
  it(`says nothing of a node whose agent is ${liveness}`, () => {
    const at = follower();
    const gone = { n1: { state: "Active", liveness } } as const;
    at(gone, 0);
    assert.deepEqual(at(gone, 60_000), [[], [], [undefined, undefined]]);
  });
