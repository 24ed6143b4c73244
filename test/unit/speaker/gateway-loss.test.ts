/** A packet that is lost between a node and its gateway is no reason to give anything up. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { address } from "../../support/builders.ts";
import { GroupNetwork } from "./group-network.ts";

const vip = address("192.168.50.200");

/** Two members with a witness, of which the second is lost, and a router that misses each question from `fromMs` on that `misses` says. */
function lonely({ apiAway, misses }: { apiAway: boolean; misses: (question: number) => boolean }): GroupNetwork {
  const network = new GroupNetwork(["node1", "node2"]);
  network.hasRouter = true;
  network.list(["node1", "node2"], 1);
  for (const name of network.nodes.keys()) network.wish(name, new Map([[vip, "node1"]]));
  network.run(5_000);
  assert.deepEqual(network.answering(vip), ["node1"]);
  network.apiAway = apiAway;
  network.lose("node2");
  let question = 0;
  network.routerHears = () => !misses(question++);
  return network;
}

for (const apiAway of [false, true])
  it(`one lost question in ten costs the one that is left nothing, with the API server ${apiAway ? "away" : "there"}`, () => {
    const network = lonely({ apiAway, misses: (question) => question % 10 === 9 });
    network.run(60_000);
    assert.deepEqual(network.answering(vip), ["node1"]);
    const { log } = network.nodes.get("node1") ?? assert.fail();
    assert.deepEqual(
      log.filter((line) => line.startsWith("end")),
      [],
    );
  });

it("a gateway that is silent for good ends what is kept without a quorum", () => {
  const network = lonely({ apiAway: true, misses: (question) => question > 50 });
  network.run(60_000);
  assert.deepEqual(network.answering(vip), []);
});
