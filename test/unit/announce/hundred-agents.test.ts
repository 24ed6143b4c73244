/** What a node sends does not grow with the cluster. */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { Liveness } from "../../../src/announce/eligibility.ts";
import { planGroups } from "../../../src/announce/groups.ts";
import { vipNode } from "../../support/builders.ts";
import { everywhere, facts } from "./group-view.ts";
import { Network } from "./votes/network.ts";

const agents = 100;
/** At 10 heartbeats a second to each of at most six others. */
const mostPerSecond = 60;
const seconds = 5;

it(`${agents} agents on one LAN: each votes in one group, and sends at most ${mostPerSecond} packets a second`, () => {
  const names = Array.from({ length: agents }, (_, i) => `node${i + 1}`);
  const vipNodes = names.map((name) => vipNode(name));
  const liveness = new Map(names.map((name): [string, Liveness] => [name, "alive"]));
  const { groups } = planGroups({ vipNodes, nodes: [], liveness, groups: [], facts: facts({}), load: everywhere });
  assert.deepEqual(groups.flatMap(({ members }) => members).toSorted(), names.toSorted());
  const sent = new Map<string, number>();
  for (const { members, witness } of groups) {
    const network = new Network({ names: members, witness });
    network.run(5_000);
    network.passes = (from) => {
      sent.set(from, (sent.get(from) ?? 0) + 1);
      return true;
    };
    network.run(seconds * 1_000);
  }
  assert.equal(sent.size, agents);
  const most = Math.max(...sent.values()) / seconds;
  assert.ok(most > 40 && most <= mostPerSecond, `${most} a second`);
});
