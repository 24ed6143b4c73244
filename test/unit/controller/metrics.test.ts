import assert from "node:assert/strict";
import { it } from "node:test";
import { controllerMetrics, type Sessions } from "../../../src/controller/metrics.ts";
import { createMetricsRegistry } from "../../../src/runtime/metrics.ts";

it("shows the sessions of every BGPPeer that there is, and none of one that is gone", async () => {
  const registry = createMetricsRegistry();
  let sessions: readonly Sessions[] = [
    { peer: "tor-a", established: 2, wanted: 3 },
    { peer: "tor-b", established: 0, wanted: 1 },
  ];
  controllerMetrics(registry, { load: () => ({ waiting: 0, running: 0, failing: 0 }), sessions: () => sessions });
  const shown = async (): Promise<readonly string[]> =>
    (await registry.metrics()).split("\n").filter((line) => line.startsWith("herald_bgp_peer_sessions{"));
  assert.deepEqual((await shown()).toSorted(), [
    'herald_bgp_peer_sessions{peer="tor-a",state="established"} 2',
    'herald_bgp_peer_sessions{peer="tor-a",state="wanted"} 3',
    'herald_bgp_peer_sessions{peer="tor-b",state="established"} 0',
    'herald_bgp_peer_sessions{peer="tor-b",state="wanted"} 1',
  ]);
  sessions = sessions.slice(1);
  assert.equal((await shown()).length, 2);
});
