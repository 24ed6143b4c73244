/** Network namespaces for the speaker's tests: hosts each with its eth0 at port-NAME of one bridge. They end with this process. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readlinkSync } from "node:fs";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { eventually } from "../support/eventually.ts";

/** A host on the bridge. */
export type Host = {
  /** Runs a command there and gives what it printed. @throws {Error} if it fails */
  run(command: string): Promise<string>;
  /** Starts a program of this folder there, with these arguments. */
  start(script: string, ...texts: readonly string[]): Program;
};

/** A running program that reads and writes lines of JSON; `lines` grows as it writes. */
export type Program = {
  readonly lines: readonly unknown[];
  /** The arguments that it was started with. */
  readonly texts: readonly string[];
  say(line: unknown): void;
  kill(): void;
  /** Stops it, or lets it go on. */
  pause(paused: boolean): void;
  /** Closes its input, and resolves to its exit code once it ended by itself. */
  end(): Promise<number | null>;
};

/** The bridge, which is a host too, and the hosts by name. */
export type World = {
  readonly bridge: Host;
  host(name: string): Host;
  /** Joins two hosts by a cable of their own; the device has the same name at both, and is up. */
  join(a: string, b: string, device: string): Promise<void>;
  stop(): void;
};

const isRoot = process.getuid?.() === 0;
const userNamespace = isRoot ? [] : ["--user", "--map-root-user"];

/**
 * Makes the namespaces and links of these hosts; each has 10.9.0.N/24 and fd09::N/64, N from 1.
 * @throws {Error} saying what is lacking, if this user may not make namespaces
 */
export async function createWorld(names: readonly string[]): Promise<World> {
  const keepers: ChildProcess[] = [];
  const stop = (): void => {
    for (const keeper of keepers) keeper.kill("SIGKILL");
  };
  try {
    const bridge = await openNamespace(keepers, ["unshare", ...userNamespace, "--net"]);
    await bridge.host.run("ip link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0");
    await bridge.host.run("ip link set br0 up");
    const hosts = new Map<string, Namespace>();
    for (const [i, name] of names.entries()) {
      const namespace = await openNamespace(keepers, [...enter(bridge.pid), "unshare", "--net"]);
      await bridge.host.run(`ip link add port-${name} type veth peer name eth0 netns ${namespace.pid}`);
      await bridge.host.run(`ip link set port-${name} master br0 up`);
      await setUp(namespace.host, i + 1);
      hosts.set(name, namespace);
    }
    const named = (name: string): Namespace => hosts.get(name) ?? unknownHost(name);
    const join = async (a: string, b: string, device: string): Promise<void> => {
      await named(a).host.run(`ip link add ${device} type veth peer name ${device} netns ${named(b).pid}`);
      for (const name of [a, b]) await named(name).host.run(`ip link set ${device} up`);
    };
    return { bridge: bridge.host, host: (name) => named(name).host, join, stop };
  } catch (cause) {
    stop();
    throw new Error("make network namespaces: needs root, or a kernel that lets users make user namespaces", { cause });
  }
}

type Namespace = { readonly host: Host; readonly pid: number };

function unknownHost(name: string): never {
  throw new Error(`no host ${name}`);
}

/** Gives eth0 its addresses, without waiting for duplicate address detection. */
export async function setUp(host: Host, number: number): Promise<void> {
  await host.run("sysctl -qw net.ipv6.conf.eth0.accept_dad=0 net.ipv6.conf.default.accept_dad=1");
  await host.run("ip link set lo up");
  await host.run("ip link set eth0 up");
  await host.run(`ip address replace 10.9.0.${number}/24 dev eth0`);
  await host.run(`ip address replace fd09::${number}/64 dev eth0`);
  await host.run("sysctl -qw net.ipv6.conf.eth0.accept_dad=1");
}

function enter(pid: number): readonly string[] {
  return ["nsenter", ...(isRoot ? [] : ["--user", "--preserve-credentials"]), `--target=${pid}`, "--net"];
}

/** A process that does nothing keeps the namespace; the kernel ends it with the thread that started it. */
async function openNamespace(keepers: ChildProcess[], make: readonly string[]): Promise<Namespace> {
  const [command = "", ...rest] = ["setpriv", "--pdeathsig=KILL", ...make, "sleep", "infinity"];
  const keeper = spawn(command, rest, { stdio: ["ignore", "ignore", "pipe"] });
  keepers.push(keeper);
  let complaint = "";
  keeper.stderr?.on("data", (chunk) => {
    complaint += chunk;
  });
  const pid = keeper.pid ?? 0;
  await eventually(
    "make a network namespace",
    () => {
      if (keeper.exitCode !== null) throw new Error(complaint);
      return readlinkSync(`/proc/${pid}/exe`).endsWith("sleep") ? true : undefined;
    },
    10_000,
  );
  return { host: hostOf(pid), pid };
}

function hostOf(pid: number): Host {
  return {
    run: async (command) => {
      const [program = "", ...rest] = [...enter(pid), "sh", "-c", command];
      return (await promisify(execFile)(program, rest)).stdout;
    },
    start: (script, ...texts) =>
      startProgram([...enter(pid), process.execPath, `${import.meta.dirname}/${script}`, ...texts], texts),
  };
}

function startProgram([command = "", ...rest]: readonly string[], texts: readonly string[]): Program {
  const child = spawn(command, rest, { stdio: ["pipe", "pipe", "inherit"] });
  const lines: unknown[] = [];
  createInterface(child.stdout).on("line", (line) => lines.push(JSON.parse(line)));
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  return {
    lines,
    texts,
    say: (line) => void child.stdin.write(`${JSON.stringify(line)}\n`),
    kill: () => void child.kill("SIGKILL"),
    pause: (paused) => void child.kill(paused ? "SIGSTOP" : "SIGCONT"),
    end: () => {
      child.stdin.end();
      return ended;
    },
  };
}
