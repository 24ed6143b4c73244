#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import type { CliOption, Command, CommandRow, Given } from "./cli/command.ts";
import { keepCompiled } from "./cli/compile-cache.ts";
import { typedCommand } from "./cli/typed-command.ts";

/** The options of a process by name; `default` also says what kind of value it takes. */
type OptionTable = Readonly<Record<string, { readonly default: string; readonly help: string }>>;

type Texts<Table extends OptionTable> = Readonly<Record<keyof Table, string>>;

const admissionOptions = {
  kubeconfig: { default: "", help: "path of a kubeconfig; empty: the Pod's own account" },
  port: { default: "9443", help: "TCP port of the webhooks, 1 to 65535" },
  "tls-cert-file": { default: "/tls/tls.crt", help: "PEM file with the certificate" },
  "tls-private-key-file": { default: "/tls/tls.key", help: "PEM file with its key" },
  "api-path": { default: "herald", help: "last part of the webhooks' path" },
} as const;

/** A flag without a value, such as `--default-class`, means true. */
function optionsOf(table: OptionTable): readonly CliOption[] {
  return Object.entries(table).map(([name, { default: value, help }]) => {
    const isBoolean = value === "true" || value === "false";
    return { name, help, default: value, value: isBoolean ? "boolean" : "value", ...(isBoolean && { preset: "true" }) };
  });
}

function textsOf<Table extends OptionTable>(given: Given, table: Table): Texts<Table> {
  const entries = Object.keys(table).map((name) => [name, given.get(name)?.at(-1) ?? ""]);
  return Object.fromEntries(entries) as Texts<Table>;
}

/** A command that runs until it is told to stop. */
function daemon<Table extends OptionTable>(table: Table, run: (texts: Texts<Table>) => Promise<number>): Command {
  return { options: optionsOf(table), run: ({ given }) => run(textsOf(given, table)) };
}

async function startAdmission(texts: Texts<typeof admissionOptions>): Promise<number> {
  const { runAdmission } = await import("./admission/main.ts");
  await runAdmission({
    ...(texts.kubeconfig !== "" && { kubeconfig: texts.kubeconfig }),
    port: Number(texts.port),
    tlsCertFile: texts["tls-cert-file"],
    tlsPrivateKeyFile: texts["tls-private-key-file"],
    apiPath: texts["api-path"],
  });
  return 0;
}

/** What Herald's workloads run. */
const daemons: readonly CommandRow[] = [
  {
    name: "controller",
    summary: "allocates addresses and places them on nodes",
    workload: true,
    load: async () => {
      const { optionTable } = await import("./controller/options.ts");
      return daemon(optionTable, async (texts) => (await import("./controller/main.ts")).runController(texts));
    },
  },
  {
    name: "agent",
    summary: "announces this node's addresses on its networks",
    workload: true,
    load: async () => {
      const { optionTable } = await import("./agent/options.ts");
      return daemon(optionTable, async (texts) => (await import("./agent/main.ts")).runAgent(texts));
    },
  },
  {
    name: "admission",
    summary: "checks pools and Services before they are stored",
    workload: true,
    load: async () => daemon(admissionOptions, startAdmission),
  },
];

function version(): string {
  const text = readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}

// Stripping types costs each thread 25 MB, unless NODE_COMPILE_CACHE names a folder that holds every module stripped
// already. A killed process writes nothing there at its end, so it is written once everything is loaded.
setTimeout(flushCompileCache, 5_000).unref();

// A person waits for each start. Workloads have NODE_COMPILE_CACHE, or nothing that they may write.
const command = typedCommand(process.argv.slice(2));
if (!daemons.some(({ name }) => name === command)) keepCompiled();

// Only now, because what is imported at the top of this file is loaded before the folder is known.
const [{ cliCommands }, { runProgram }, { processTerminal }] = await Promise.all([
  import("./cli/commands.ts"),
  import("./cli/program.ts"),
  import("./cli/terminal.ts"),
]);

// The reader of a pipe may go away before all is written, as `head` does: that is its right, and no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await runProgram({
  argv: process.argv.slice(2),
  script: process.argv[1] ?? "herald",
  version: version(),
  rows: [...cliCommands, ...daemons],
  terminal: processTerminal(),
});
