import { Command, Option } from "commander";
import type { Cable } from "./attached.ts";
import { down, execute, logs, prepare, type UpOptions, up, withLab } from "./commands.ts";
import { faultList, inject, mend, mendAll } from "./faults.ts";

const program = new Command("lab").description("a cluster in network namespaces of this machine");

type Folder = { readonly dir: string };
const dirOption = (): Option => new Option("--dir <folder>", "where the lab keeps its files").default(".lab");

program.command("prepare").description("install and build what a lab needs, once").action(prepare);

program
  .command("up")
  .description("start a lab; it stays up until Ctrl-C or down")
  .option("--nodes <count>", "number of nodes", "3")
  .option("--control-plane-only", "etcd, kube-apiserver and controllers, without nodes and root")
  .addOption(new Option("--proxy-mode <mode>", "of kube-proxy").choices(["nftables", "iptables"]).default("nftables"))
  .option("--no-herald", "leave Herald's own processes out")
  .addOption(dirOption())
  .action((options: UpOptions) => up(options));

program
  .command("exec <host> <command...>")
  .description("run a command on node1…, client, router, lan (the switch) or top (beside the API server)")
  .addOption(dirOption())
  .action(async (host: string, command: readonly string[], { dir }: Folder) => {
    process.exitCode = await execute(dir, host, command);
  });

type Cut = Folder & {
  readonly lan?: boolean;
  readonly management?: boolean;
  readonly both?: boolean;
  readonly silent?: boolean;
};

program
  .command("cut <node>")
  .description("take a node off the LAN, off the API server, or off both")
  .option("--lan", "the LAN (default)")
  .option("--management", "the network of the API server")
  .option("--both", "LAN and management")
  .option("--silent", "the LAN, without loss of the carrier")
  .addOption(dirOption())
  .action((node: string, options: Cut) => withLab(options.dir, (lab) => lab.cut(node, cableOf(options))));

function cableOf({ management, both, silent }: Cut): Cable {
  if (both) return "both";
  if (management) return "management";
  return silent ? "lan-silent" : "lan";
}

program
  .command("heal <node>")
  .description("mend all that is cut")
  .addOption(dirOption())
  .action((node: string, { dir }: Folder) => withLab(dir, (lab) => lab.heal(node)));

const fault = program.command("fault").description("break something, and mend it: see `fault list`");

fault
  .command("list")
  .description("what can be broken, and what loses frames at present")
  .addOption(dirOption())
  .action(async ({ dir }: Folder) => {
    const text = await withLab(dir, faultList).catch(() => faultList(undefined));
    process.stdout.write(`${text}\n`);
  });

fault
  .command("begin <name> [words...]")
  .description("break it; it stays so until `fault end` with the same words")
  .addOption(dirOption())
  .action((name: string, words: readonly string[], { dir }: Folder) =>
    withLab(dir, async (lab) => void (await inject(lab, name, ...words))),
  );

fault
  .command("end [name] [words...]")
  .description("mend it; without a name: all cables, lost frames and what stands still")
  .addOption(dirOption())
  .action((name: string | undefined, words: readonly string[], { dir }: Folder) =>
    withLab(dir, (lab) => (name === undefined ? mendAll(lab) : mend(lab, name, ...words))),
  );

program
  .command("kill-agent <node>")
  .description("end a node's agent; it stays dead until restart")
  .option("-9, --sigkill", "by SIGKILL, not SIGTERM")
  .addOption(dirOption())
  .action((node: string, { dir, sigkill }: Folder & { readonly sigkill?: boolean }) =>
    withLab(dir, (lab) => lab.killAgent(node, sigkill ? "SIGKILL" : "SIGTERM")),
  );

program
  .command("restart <program> [node]")
  .description("restart controller, admission, apiserver, agent <node> or proxy <node>")
  .addOption(dirOption())
  .action((name: string, node: string | undefined, { dir }: Folder) =>
    withLab(dir, (lab) => lab.restart(node === undefined ? name : `${name}-${node}`)),
  );

program
  .command("logs <program>")
  .description("print a log: node1… (its agent), controller, admission, apiserver, etcd, proxy-node1…, world")
  .option("-f, --follow", "go on printing")
  .addOption(dirOption())
  .action(async (name: string, { dir, follow }: Folder & { readonly follow?: boolean }) => {
    process.exitCode = await logs(dir, name, follow === true);
  });

program
  .command("down")
  .description("end the lab")
  .addOption(dirOption())
  .action(({ dir }: Folder) => down(dir));

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
