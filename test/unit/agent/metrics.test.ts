import assert from "node:assert/strict";
import { it } from "node:test";
import { createAgentMetrics } from "../../../src/agent/metrics.ts";
import { createMetricsRegistry } from "../../../src/runtime/metrics.ts";

it("shows what is announced, who changed hands and why, and the speaker's totals, not their sums", async () => {
  const registry = createMetricsRegistry();
  const metrics = createAgentMetrics(registry, { announcedAddresses: () => 7, authorityFresh: () => true });
  metrics.ownershipChanged("announced", "placed");
  metrics.ownershipChanged("announced", "placed");
  metrics.conflictFound();
  metrics.speakerCounted({ arpAnswers: 3 });
  metrics.speakerCounted({ arpAnswers: 5 });
  const lines = (await registry.metrics()).split("\n").filter((line) => line.startsWith("herald_"));
  assert.deepEqual(lines.toSorted(), [
    "herald_agent_announced_addresses 7",
    "herald_agent_authority_fresh 1",
    "herald_agent_conflicts_total 1",
    'herald_agent_ownership_changes_total{change="announced",cause="placed"} 2',
    'herald_speaker_events_total{event="arpAnswers"} 5',
  ]);
});
