#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { Command, Option } from "commander";
import { type OptionTexts as AgentTexts, optionTable as agentOptions } from "./agent/options.ts";
import { type OptionTexts as ControllerTexts, optionTable as controllerOptions } from "./controller/options.ts";

/** The options of a subcommand by name; `default` also says what kind of value it takes. */
type OptionTable = Readonly<Record<string, { readonly default: string; readonly help: string }>>;

const admissionOptions = {
  kubeconfig: { default: "", help: "path of a kubeconfig; empty: the Pod's own account" },
  port: { default: "9443", help: "TCP port of the webhooks, 1 to 65535" },
  "tls-cert-file": { default: "/tls/tls.crt", help: "PEM file with the certificate" },
  "tls-private-key-file": { default: "/tls/tls.key", help: "PEM file with its key" },
  "api-path": { default: "herald", help: "last part of the webhooks' path" },
} as const;

/** A flag without a value, such as `--default-class`, means true. */
function addOptions(command: Command, table: OptionTable): Command {
  for (const [name, { default: value, help }] of Object.entries(table)) {
    const isBoolean = value === "true" || value === "false";
    const option = new Option(`--${name} ${isBoolean ? "[boolean]" : "<value>"}`, help).default(value);
    command.addOption(isBoolean ? option.preset("true") : option);
  }
  return command;
}

function textsOf<Table extends OptionTable>(command: Command, table: Table): Readonly<Record<keyof Table, string>> {
  const values = new Map(
    command.options.map((option) => [option.long, command.getOptionValue(option.attributeName())]),
  );
  const entries = Object.keys(table).map((name) => [name, String(values.get(`--${name}`))]);
  return Object.fromEntries(entries) as Readonly<Record<keyof Table, string>>;
}

async function startAdmission(texts: Readonly<Record<keyof typeof admissionOptions, string>>): Promise<void> {
  const { runAdmission } = await import("./admission/main.ts");
  await runAdmission({
    ...(texts.kubeconfig !== "" && { kubeconfig: texts.kubeconfig }),
    port: Number(texts.port),
    tlsCertFile: texts["tls-cert-file"],
    tlsPrivateKeyFile: texts["tls-private-key-file"],
    apiPath: texts["api-path"],
  });
}

function program(): Command {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8")) as {
    version: string;
  };
  const herald = new Command("herald")
    .description("Addresses for Kubernetes Services of type LoadBalancer")
    .version(version);
  addOptions(
    herald.command("controller").description("allocates addresses and places them on nodes"),
    controllerOptions,
  ).action(async (_, command: Command) => {
    const { runController } = await import("./controller/main.ts");
    process.exitCode = await runController(textsOf(command, controllerOptions) satisfies ControllerTexts);
  });
  addOptions(
    herald.command("agent").description("announces this node's addresses on its networks"),
    agentOptions,
  ).action(async (_, command: Command) => {
    const { runAgent } = await import("./agent/main.ts");
    process.exitCode = await runAgent(textsOf(command, agentOptions) satisfies AgentTexts);
  });
  addOptions(
    herald.command("admission").description("checks pools and Services before they are stored"),
    admissionOptions,
  ).action((_, command: Command) => startAdmission(textsOf(command, admissionOptions)));
  return herald;
}

// Stripping types costs each thread 25 MB, unless NODE_COMPILE_CACHE names a folder that holds every module stripped
// already. A killed process writes nothing there at its end, so it is written once everything is loaded.
setTimeout(flushCompileCache, 5_000).unref();

try {
  await program().parseAsync();
} catch (error) {
  process.stderr.write(`herald: ${error instanceof Error ? describe(error) : String(error)}\n`);
  process.exitCode = 1;
}

/** The message with those of its causes: `listen on 127.0.0.1 port 80: permission denied`. */
function describe(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${describe(error.cause)}` : error.message;
}
