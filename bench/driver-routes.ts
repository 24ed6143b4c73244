/**
 * Runs on a node of a lab without Herald: `node driver-routes.ts '<JSON of RoutesOrder>'`. Speaks BGP with the lab's router, tells it
 * routes and withdraws them again and again, and prints RoutesAnswer as JSON: when it did, on the clock of `nowMs`.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Address } from "../src/net/address.ts";
import type { BgpRoute } from "../src/speaker/bgp-messages.ts";
import { startSpeaker } from "../src/speaker/speaker.ts";
import { nodesAsn, routerAsn } from "../test/lab/bird.ts";
import { labNode, router } from "../test/lab/layout.ts";
import { address } from "../test/support/builders.ts";
import { nowMs } from "./bare-client.ts";

export type RoutesOrder = { readonly n: number; readonly rounds: number };
export type RoutesAnswer = {
  readonly rounds: readonly { readonly announcedMs: number; readonly withdrawnMs: number }[];
};

/** After the peer was told all: until its kernel has taken it in too. */
const restMs = 2_500;
const pollMs = 10;

const { n, rounds } = JSON.parse(process.argv[2] ?? "") as RoutesOrder;
let announced = -1;
const speaker = startSpeaker({
  settings: {
    node: "node1",
    stateDir: mkdtempSync(`${tmpdir()}/herald-routes-`),
    intervalMs: 100,
    port: 7474,
    withoutQuorum: "Keep",
    leaseDurationMs: 30_000,
  },
  onReport: (report) => {
    if (report.kind === "bgpSession") announced = report.state === "Established" ? report.announced : -1;
  },
  onFailure: (error) => {
    throw error;
  },
});

async function untilAnnounced(count: number): Promise<void> {
  while (announced !== count) await sleep(pollMs);
}

function tell(routes: readonly BgpRoute[]): number {
  const atMs = nowMs();
  speaker.send({ kind: "bgpRoutes", name: "router", serial: atMs, routes });
  return atMs;
}

const attributes = { prepend: 0, communities: [], largeCommunities: [] };
const first: Address = address("10.64.0.0");
const routes = Array.from({ length: n }, (_, i): BgpRoute => {
  return { prefix: { address: { ...first, value: first.value + BigInt(i) }, length: 32 }, attributes };
});

tell([]);
speaker.send({
  kind: "bgpPeer",
  name: "router",
  settings: {
    localAsn: nodesAsn,
    peerAsn: routerAsn,
    routerId: address(labNode(1).lan4),
    holdTimeSeconds: 30,
    keepaliveSeconds: 10,
    connectRetrySeconds: 1,
    passive: false,
    families: [4],
    required: [],
  },
  transport: { peer: address(router.lan4), port: 179 },
});
await untilAnnounced(0);
const done: RoutesAnswer["rounds"][number][] = [];
for (let i = 0; i < rounds; i++) {
  const announcedMs = tell(routes);
  await untilAnnounced(n);
  await sleep(restMs);
  const withdrawnMs = tell([]);
  await untilAnnounced(0);
  await sleep(restMs);
  done.push({ announcedMs, withdrawnMs });
}
await speaker.close();
process.stdout.write(JSON.stringify({ rounds: done } satisfies RoutesAnswer));
