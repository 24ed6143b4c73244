import assert from "node:assert/strict";
import { it } from "node:test";
import { createAgentMetrics } from "../../../src/agent/metrics.ts";
import { createMetricsRegistry } from "../../../src/runtime/metrics.ts";

it("shows what is announced, who changed hands and why, and the speaker's totals, not their sums", async () => {
  const registry = createMetricsRegistry();
  const groups = new Map([["lan", true]]);
  const metrics = createAgentMetrics(registry, {
    announcedAddresses: () => 7,
    groups: () => groups,
    bgpSessions: () => [],
  });
  const peer = { group: "lan", node: "node2", sent: 9, received: 8, lost: 1, jitterMs: 2 };
  metrics.ownershipChanged("announced", "placed");
  metrics.ownershipChanged("announced", "placed");
  metrics.conflictFound();
  metrics.tookOver(450);
  metrics.speakerCounted({ arpAnswers: 3 }, [{ ...peer, lost: 0 }]);
  metrics.speakerCounted({ arpAnswers: 5 }, [peer]);
  const lines = (await registry.metrics())
    .split("\n")
    .filter((line) => line.startsWith("herald_") && !line.includes("_bucket"));
  assert.deepEqual(lines.toSorted(), [
    "herald_agent_announced_addresses 7",
    "herald_agent_conflicts_total 1",
    'herald_agent_group_quorum{group="lan"} 1',
    'herald_agent_ownership_changes_total{change="announced",cause="placed"} 2',
    "herald_agent_takeover_seconds_count 1",
    "herald_agent_takeover_seconds_sum 0.45",
    'herald_speaker_events_total{event="arpAnswers"} 5',
    'herald_speaker_heartbeat_jitter_seconds{group="lan",peer="node2"} 0.002',
    'herald_speaker_heartbeats_total{group="lan",peer="node2",event="lost"} 1',
    'herald_speaker_heartbeats_total{group="lan",peer="node2",event="received"} 8',
    'herald_speaker_heartbeats_total{group="lan",peer="node2",event="sent"} 9',
  ]);
});

it("shows each BGP session by its peer's name, and counts on when the session begins anew", async () => {
  const registry = createMetricsRegistry();
  let flaps = 1;
  const counters = (update: number) => ({
    sent: { update, notification: 0 },
    received: { update: 0, notification: 1 },
    established: 1,
    receivedPrefixes: { 4: 0, 6: 0 },
  });
  let updates = 5;
  const bgpSessions = () => [
    {
      peer: "tor",
      state: "Established",
      uptimeMs: 1_500,
      announced: 3,
      flaps,
      bfdUp: true,
      counters: counters(updates),
    } as const,
  ];
  createAgentMetrics(registry, { announcedAddresses: () => 0, groups: () => new Map(), bgpSessions });
  await registry.metrics();
  [flaps, updates] = [2, 2];
  const lines = (await registry.metrics()).split("\n").filter((line) => /^herald_b[gf][pd]_/.test(line));
  assert.deepEqual(lines.toSorted(), [
    'herald_bfd_session_up{peer="tor"} 1',
    'herald_bgp_announced_prefixes{peer="tor"} 3',
    'herald_bgp_notifications_received_total{peer="tor"} 1',
    'herald_bgp_notifications_sent_total{peer="tor"} 0',
    'herald_bgp_session_flaps_total{peer="tor"} 2',
    'herald_bgp_session_state{peer="tor"} 6',
    'herald_bgp_session_uptime_seconds{peer="tor"} 1.5',
    'herald_bgp_session_up{peer="tor"} 1',
    'herald_bgp_updates_received_total{peer="tor"} 0',
    'herald_bgp_updates_sent_total{peer="tor"} 7',
  ]);
});
