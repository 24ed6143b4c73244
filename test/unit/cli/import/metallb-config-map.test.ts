import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { importMetalLB } from "../../../../src/cli/import/metallb.ts";
import { objects, specs } from "./world-of.ts";

describe("the ConfigMap of older releases", () => {
  const text = `
apiVersion: v1
kind: ConfigMap
metadata: {name: config, namespace: metallb-system}
data:
  config: |
    peers:
    - {peer-address: 10.0.0.1, peer-asn: 64501, my-asn: 64500}
    address-pools:
    - name: default
      protocol: layer2
      addresses: [192.0.2.0/28]
    - name: routed
      protocol: bgp
      auto-assign: false
      avoid-buggy-ips: true
      addresses: [198.51.100.0/24]
      bgp-advertisements: [{aggregation-length: 32}]
`;
  it("gives its pools, and says what of it is BGP", () => {
    const result = importMetalLB(objects(text));
    assert.deepEqual(specs(result), {
      default: { addresses: ["192.0.2.0/28"] },
      routed: { addresses: ["198.51.100.0/24"], avoidBuggyIPs: true, automatic: false },
    });
    assert.deepEqual(
      result.notes.map(({ field }) => field),
      [
        "data.config: address-pools[1].protocol",
        "data.config: address-pools[1].bgp-advertisements",
        "data.config: peers",
      ],
    );
  });

  it("that is no YAML says so", () => {
    const broken = text.replace("addresses: [192.0.2.0/28]", "addresses: [192.0.2.0/28");
    assert.match(importMetalLB(objects(broken)).notes[0]?.message ?? "", /^line \d+: /);
  });
});
