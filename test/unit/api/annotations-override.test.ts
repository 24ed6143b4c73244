import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseAsks } from "../../../src/api/annotations.ts";

describe("annotations that set how an address is announced", () => {
  const right: readonly (readonly [annotations: Readonly<Record<string, string>>, want: object])[] = [
    [{ "herald.dev/protocols": "bgp" }, { protocols: ["bgp"] }],
    [{ "herald.dev/protocols": "BGP, arp" }, { protocols: ["arp", "bgp"] }],
    [{ "herald.dev/protocols": "ndp,arp" }, { protocols: ["arp"] }],
    [{ "herald.dev/nodes": "All" }, { nodes: "All" }],
    [{ "herald.dev/nodes": " 3 " }, { nodes: { count: 3 } }],
    [
      { "herald.dev/protocols": "bgp", "herald.dev/nodes": "5000" },
      { protocols: ["bgp"], nodes: { count: 5_000 } },
    ],
  ];
  for (const [annotations, want] of right)
    it(`${JSON.stringify(annotations)} is understood`, () =>
      assert.deepEqual(parseAsks(annotations), { overrides: want, problems: [] }));

  const wrong: readonly (readonly [key: string, text: string, message: RegExp])[] = [
    ["herald.dev/protocols", "", /"" is no protocol: expected arp or bgp/],
    ["herald.dev/protocols", "ospf", /"ospf" is no protocol/],
    ["herald.dev/protocols", "arp,,bgp", /"" is no protocol/],
    ["herald.dev/protocols", "constructor", /"constructor" is no protocol/],
    ["herald.dev/nodes", "", /"" is neither All nor 1 to 5000/],
    ["herald.dev/nodes", "0", /"0" is neither/],
    ["herald.dev/nodes", "5001", /"5001" is neither/],
    ["herald.dev/nodes", "2.5", /"2\.5" is neither/],
    ["herald.dev/nodes", "rack=a", /"rack=a" is neither/],
  ];
  for (const [key, text, message] of wrong)
    it(`${key}: "${text}" is a problem, and nothing is asked for`, () => {
      const { problems, ...asks } = parseAsks({ [key]: text });
      assert.deepEqual(asks, {});
      assert.deepEqual(
        problems.map(({ path }) => path),
        [`metadata.annotations[${key}]`],
      );
      assert.match(problems[0]?.message ?? "", message);
    });
});
