import { clusterOptions } from "../cluster.ts";
import { type Command, isOn } from "../command.ts";
import { durationMs } from "../duration-option.ts";

/** `herald drain`. */
export const drainCommand: Command = {
  description: [
    "Move all addresses of a node to others, without loss, and give it no new ones until `herald undrain`: by spec.drain of its VIPNode.",
    "It is told whether and where they go with --wait. An address that no other node can take stays.",
  ].join(" "),
  arguments: [{ name: "node", help: "the node, as its VIPNode is named" }],
  options: [
    { name: "wait", help: "wait until the node has no address, and tell where each went" },
    { name: "timeout", value: "DURATION", default: "60s", help: "how long to wait, such as 90s or 5m" },
    ...clusterOptions,
  ],
  examples: [
    { line: "herald drain node1 --wait", does: "before node1 is rebooted: ends once it has no address" },
    { line: "herald drain node1 --wait --timeout 5m && sudo reboot", does: "the same, only if it was possible" },
    { line: "herald drain node1", does: "only asks for it; `herald nodes node1` tells how far it is" },
  ],
  exitCodes: { 0: "asked for; with --wait: the node has no address", 1: "it failed; with --wait: it still has some" },
  run: async ({ args: [[node = ""] = []], given, terminal }) => {
    const waitMs = durationMs(given, "timeout");
    const [{ drain }, { withDrainCluster }] = await Promise.all([import("./drain.ts"), import("./drain-cluster.ts")]);
    const wanted = isOn(given, "wait") ? waitMs : undefined;
    return withDrainCluster(given, (cluster) => drain(node, wanted, cluster, terminal));
  },
};
