import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Placeable } from "../../../src/announce/field.ts";
import type { Endpoint } from "../../../src/api/endpoint-slice.ts";
import { type Changes, names, placeOne, theGroup, vip } from "./placement-view.ts";

describe("policy Local", () => {
  const endpoint = (node: string, ready: boolean, servingTerminating = false): Endpoint => ({
    node,
    ready,
    servingTerminating,
  });
  const slices = (...endpoints: readonly Endpoint[]): Changes => ({
    endpointSlices: endpoints.map((each) => ({ service: "shop/web", endpoints: [each] })),
  });
  const local = (node: string): Placeable => ({
    ...vip(1, { trafficPolicy: "Local" }),
    ...(node !== "" && { node, group: theGroup }),
  });

  const rows = [
    { name: "a new one goes to a ready endpoint", at: "", endpoints: [endpoint("node3", true)], want: "node3" },
    {
      name: "ready comes before terminating",
      at: "",
      endpoints: [endpoint("node2", false, true), endpoint("node3", true)],
      want: "node3",
    },
    { name: "terminating comes before none", at: "", endpoints: [endpoint("node2", false, true)], want: "node2" },
    { name: "one that is neither counts as none", at: "", endpoints: [endpoint("node2", false)], want: "node1" },
    { name: "without any endpoint it is placed all the same", at: "", endpoints: [], want: "node1" },
    {
      name: "it stays while its node has a ready endpoint",
      at: "node3",
      endpoints: names.map((name) => endpoint(name, true)),
      want: "node3",
    },
    {
      name: "it moves when its node loses the last ready one",
      at: "node3",
      endpoints: [endpoint("node3", false, true), endpoint("node2", true)],
      want: "node2",
    },
    { name: "it stays when all endpoints are gone", at: "node3", endpoints: [], want: "node3" },
    {
      name: "a ready endpoint on a foreign node moves nothing",
      at: "node3",
      endpoints: [endpoint("elsewhere", true)],
      want: "node3",
    },
    {
      name: "a node counts by its best endpoint, in whatever order they come",
      at: "node3",
      endpoints: [endpoint("node3", true), endpoint("node3", false), endpoint("node2", true)],
      want: "node3",
    },
    {
      name: "a node counts by its best endpoint",
      at: "node3",
      endpoints: [endpoint("node3", false), endpoint("node3", true)],
      want: "node3",
    },
  ];
  for (const { name, at, endpoints, want } of rows)
    it(name, () => assert.equal(placeOne(local(at), slices(...endpoints)).node, want));

  it("does not move to a dead node with a ready endpoint", () => {
    const changes = { ...slices(endpoint("node2", true)), live: { node2: "dead" as const } };
    assert.equal(placeOne(local("node3"), changes).node, "node3");
  });
});
