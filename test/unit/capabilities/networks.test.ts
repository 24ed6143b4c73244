import assert from "node:assert/strict";
import { it } from "node:test";
import { networksOf } from "../../../capabilities/networks.ts";
import { formatPrefix } from "../../../src/net/prefix.ts";

const nodes = [{ metadata: { name: "node1" }, spec: { podCIDRs: ["10.244.1.0/24"] } }];

it("the cluster's networks are those of all ServiceCIDRs and of every node's pods", () => {
  const { networks, unknown } = networksOf([{ spec: { cidrs: ["10.96.0.0/16", "fd96::/108"] } }, {}], nodes);
  assert.deepEqual(
    networks.map(({ name, prefix }) => `${name} ${formatPrefix(prefix)}`),
    ["Service network 10.96.0.0/16", "Service network fd96::/108", "pod network of node node1 10.244.1.0/24"],
  );
  assert.equal(unknown, undefined);
});

it("an API server without ServiceCIDRs leaves the networks of pods, and a warning", () => {
  const { networks, unknown } = networksOf(undefined, nodes);
  assert.deepEqual(
    networks.map(({ name }) => name),
    ["pod network of node node1"],
  );
  assert.match(unknown?.[0]?.message ?? "", /no ServiceCIDRs \(Kubernetes before 1\.33\)/);
});
