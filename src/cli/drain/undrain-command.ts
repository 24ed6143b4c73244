import { clusterOptions } from "../cluster.ts";
import type { Command } from "../command.ts";

/** `herald undrain`. */
export const undrainCommand: Command = {
  description:
    "Let a node be given addresses again after `herald drain`. What moved stays where it is: nothing moves unasked.",
  arguments: [{ name: "node", help: "the node, as its VIPNode is named" }],
  options: clusterOptions,
  examples: [
    { line: "herald undrain node1", does: "after node1 is back" },
    { line: "herald undrain node1 && herald rebalance", does: "and give it its share again, one address at a time" },
  ],
  run: async ({ args: [[node = ""] = []], given, terminal }) => {
    const [{ undrain }, { withDrainCluster }] = await Promise.all([import("./drain.ts"), import("./drain-cluster.ts")]);
    return withDrainCluster(given, (cluster) => undrain(node, cluster, terminal));
  },
};
