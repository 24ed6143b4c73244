import assert from "node:assert/strict";
import { it } from "node:test";
import { createAgentMetrics } from "../../../src/agent/metrics.ts";
import { createMetricsRegistry } from "../../../src/runtime/metrics.ts";

it("shows what is announced, who changed hands and why, and the speaker's totals, not their sums", async () => {
  const registry = createMetricsRegistry();
  const groups = new Map([["lan", true]]);
  const metrics = createAgentMetrics(registry, { announcedAddresses: () => 7, groups: () => groups });
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
