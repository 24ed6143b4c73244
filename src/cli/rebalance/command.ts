import { clusterOptions } from "../cluster.ts";
import { type Command, isOn, textGiven } from "../command.ts";
import { durationMs } from "../duration-option.ts";
import { type Listing, outputOption, printList } from "../output.ts";
import type { Move } from "./moves.ts";

/** `herald rebalance`. */
export const rebalanceCommand: Command = {
  description: [
    "Move addresses from the nodes that have most to those that have fewest, one at a time and without loss, until they differ by one: after a node came back, or was added.",
    "The controller moves them while annotation herald.dev/rebalance-until of a VIPNode says so; this command writes it, tells each move, and removes it in the end.",
  ].join(" "),
  arguments: [{ name: "node", help: "move to these nodes only", optional: true, many: true }],
  options: [
    { name: "dry-run", help: "only list what would move" },
    { name: "timeout", value: "DURATION", default: "5m", help: "how long it may take, such as 90s or 10m" },
    { ...outputOption, help: "with --dry-run: how to print the list" },
    ...clusterOptions,
  ],
  examples: [
    { line: "herald rebalance --dry-run", does: "what would move from where to where" },
    { line: "herald rebalance", does: "move it, and tell each move" },
    { line: "herald rebalance node1", does: "only give node1 its share, after it was away" },
  ],
  exitCodes: { 0: "nothing is left to move; with --dry-run: whatever would move", 1: "it failed, or took too long" },
  run: async ({ args: [only = []], given, terminal }) => {
    const waitMs = durationMs(given, "timeout");
    const [{ preview, rebalance }, { withRebalanceCluster }] = await Promise.all([
      import("./rebalance.ts"),
      import("./rebalance-cluster.ts"),
    ]);
    if (!isOn(given, "dry-run"))
      return withRebalanceCluster(given, (cluster) => rebalance({ only, waitMs }, cluster, terminal));
    const moves = await withRebalanceCluster(given, (cluster) => preview(only, cluster));
    await printList(moves, listing, textGiven(given, "output"), terminal);
    return 0;
  },
};

/** How moves are shown. */
const listing: Listing<Move> = {
  none: "nothing to move",
  nameOf: ({ address }) => address,
  columns: [
    { heading: "ADDRESS", cell: ({ address }) => address },
    { heading: "SERVICES", cell: ({ services }) => services.join(",") },
    { heading: "FROM", cell: ({ from }) => from },
    { heading: "TO", cell: ({ to }) => to },
  ],
};
