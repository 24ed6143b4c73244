import { snapshotOptions } from "../cluster-snapshot.ts";
import { type Command, isOn, textGiven } from "../command.ts";

/** The words of the column FATE, the worst first. */
const fateWords = [
  "loses, moves (to another address)",
  "refused (what it asks for)",
  "waits (for an address)",
  "outside (it keeps what its pool would not give any more)",
  "gains, keeps",
].join(", ");

const exitCodes = {
  0: "nothing changes",
  2: "something changes, and no Service loses an address",
  3: "a Service loses an address, or moves to another",
};

/** `herald plan`. */
export const planCommand: Command = {
  description: [
    "Say what Herald would do if these manifests were applied, all at once: which Services keep, gain, lose or change their addresses, and why.",
    "IPPools, Services and Namespaces count, other kinds are skipped. Nothing is written.",
    `FATE is one of: ${fateWords}.`,
  ].join(" "),
  options: [
    { name: "filename", short: "f", value: "FILE", many: true, help: "files, folders or - for standard input" },
    { name: "delete", value: "KIND/NAME", many: true, help: "also delete these: ippool/NAME, service/NAMESPACE/NAME" },
    { name: "server", help: "let the API server and its admission check and complete the objects first (dry run)" },
    {
      name: "field-manager",
      value: "NAME",
      default: "kubectl",
      help: "with --server: as whom the objects are applied",
    },
    { name: "force-conflicts", help: "with --server: take over fields of other managers" },
    { name: "offline", help: "ask no cluster: the files are all there is" },
    { name: "namespace", short: "n", value: "NAME", help: "of Services that name none; default: that of the context" },
    { name: "all", help: "also list the Services and pools that do not change" },
    {
      name: "output",
      short: "o",
      value: "FORMAT",
      choices: ["table", "wide", "json", "yaml"],
      default: "table",
      help: "how to print; wide: as --all; json, yaml: {services, pools, summary}",
    },
    ...snapshotOptions,
  ],
  examples: [
    { line: "herald plan -f pools.yaml", does: "what an edit of the pools leads to" },
    { line: "herald plan -f pools.yaml --server", does: "the same, with what the API server makes of the objects" },
    { line: "herald plan --delete ippool/old -o json", does: "who would keep addresses of a pool that is gone" },
    { line: "herald plan --offline -f cluster/", does: "which addresses these manifests would get in a new cluster" },
  ],
  exitCodes,
  run: async ({ given, terminal }) => {
    // The planner takes its time to load, and help and completion do without it.
    const [{ forecastOf }, { printReport }, { exitCodeOf }] = await Promise.all([
      import("./forecast-of.ts"),
      import("./print.ts"),
      import("./exit-code.ts"),
    ]);
    const report = await forecastOf(given, terminal);
    if (report === undefined) return 1;
    const format = textGiven(given, "output");
    await printReport(report, { format, all: isOn(given, "all") || format === "wide" }, terminal);
    return exitCodeOf(report);
  },
};
