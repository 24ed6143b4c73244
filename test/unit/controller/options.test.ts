import assert from "node:assert/strict";
import { it } from "node:test";
import { type OptionTexts, optionTable, parseControllerOptions } from "../../../src/controller/options.ts";

const defaults = Object.fromEntries(
  Object.entries(optionTable).map(([name, { default: text }]) => [name, text]),
) as OptionTexts;

it("takes its own defaults", () => {
  assert.deepEqual(parseControllerOptions(defaults), {
    options: {
      kubeconfig: "",
      defaultClass: true,
      allowForeignAddresses: false,
      writeLoadBalancerIP: true,
      observe: false,
      rebalance: "Off",
      respect: { cordon: false, outOfService: false },
      leaderElect: true,
      namespace: "herald-system",
      metricsAddress: { host: "127.0.0.1", port: 7475 },
      logLevel: "info",
    },
  });
});

it("reads what of a Node keeps addresses away, and when they move for the sake of balance", () => {
  const parsed = parseControllerOptions({ ...defaults, rebalance: "Auto", "respect-cordon": "true" });
  assert.ok("options" in parsed);
  assert.deepEqual(parsed.options.respect, { cordon: true, outOfService: false });
  assert.equal(parsed.options.rebalance, "Auto");
  assert.ok("problems" in parseControllerOptions({ ...defaults, rebalance: "sometimes" }));
});

it("lists everything that is wrong at once", () => {
  const wrong = { "default-class": "maybe", namespace: "Bad_Name", "metrics-address": "here", "log-level": "loud" };
  const parsed = parseControllerOptions({ ...defaults, ...wrong });
  assert.ok("problems" in parsed);
  assert.equal(parsed.problems.length, 4);
  for (const [i, [name, text]] of Object.entries(wrong).entries())
    assert.ok(parsed.problems[i]?.startsWith(`--${name}: "${text}" is none: `), parsed.problems[i]);
});
