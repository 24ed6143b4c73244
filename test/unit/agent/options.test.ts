import assert from "node:assert/strict";
import { it } from "node:test";
import { type OptionTexts, optionTable, parseAgentOptions } from "../../../src/agent/options.ts";

const defaults = Object.fromEntries(
  Object.entries(optionTable).map(([name, option]) => [name, option.default]),
) as OptionTexts;

function parsed(texts: Partial<OptionTexts>, nodeName?: string) {
  return parseAgentOptions({ ...defaults, ...texts }, nodeName);
}

function problems(texts: Partial<OptionTexts>): readonly string[] {
  const result = parsed({ node: "node1", ...texts });
  return "problems" in result ? result.problems : [];
}

it("needs no option but the node's name", () => {
  const result = parsed({}, "node1");
  assert.deepEqual("options" in result && result.options, {
    kubeconfig: "",
    node: "node1",
    leaseDurationSeconds: 30,
    leaseRenewSeconds: 10,
    heartbeatIntervalMs: 100,
    heartbeatPort: 7474,
    withoutQuorum: "Keep",
    bgpAnnotationPrefix: "",
    bgpDrainWaitSeconds: 5,
    bgpPort: 179,
    stateDir: "/run/herald",
    namespace: "herald-system",
    metricsAddress: { host: "127.0.0.1", port: 7473 },
    logLevel: "info",
  });
});

it("an option outranks $NODE_NAME", () => {
  const result = parsed({ node: "node2" }, "node1");
  assert.equal("options" in result && result.options.node, "node2");
});

it("lists everything that is wrong at once", () => {
  const result = parsed({
    "lease-duration": "1",
    "lease-renew": "0",
    namespace: "No",
    "metrics-address": "7473",
    "log-level": "loud",
  });
  const named = "problems" in result ? result.problems.map((problem) => problem.split(":")[0]) : [];
  assert.deepEqual(named, [
    "--lease-duration",
    "--node",
    "--lease-renew",
    "--namespace",
    "--metrics-address",
    "--log-level",
  ]);
});

const wrong: readonly Partial<OptionTexts>[] = [
  { node: "Node 1" },
  { "lease-duration": "5.5" },
  { "lease-duration": "301" },
  { "lease-duration": "5s" },
  { "lease-renew": "15.1" },
  { "heartbeat-interval": "49" },
  { "heartbeat-interval": "1001" },
  { "heartbeat-port": "0" },
  { "without-quorum": "keep" },
  { "state-dir": "run" },
  { "bgp-annotation-prefix": "Cloud/x" },
  { "bgp-drain-wait": "61" },
  { "bgp-port": "65536" },
  { "lease-renew": "-1" },
];
for (const texts of wrong) it(`refuses ${JSON.stringify(texts)}`, () => assert.equal(problems(texts).length, 1));

it("a renewal may take half of the duration", () => assert.deepEqual(problems({ "lease-renew": "15" }), []));
