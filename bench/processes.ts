import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";

/** A process of a lab, and what it has used: `controller`, `agent node1`, `kube-apiserver`, `etcd`. */
export type Usage = {
  readonly name: string;
  readonly pid: number;
  /** Seconds of a core, user and system, since it started. */
  readonly cpuSeconds: number;
  readonly residentMegabytes: number;
};

const ticksPerSecond = 100;

/** Herald's processes and the API server's that run with files of this folder, from /proc. */
export function labProcesses(folder: string): readonly Usage[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).flatMap((pid) => usageOf(pid, folder));
}

function usageOf(pid: number, folder: string): readonly Usage[] {
  try {
    const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    const name = nameOf(argv);
    if (name === undefined || !argv.some((arg) => arg.includes(folder))) return [];
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const residentMegabytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
    return [{ name, pid, cpuSeconds, residentMegabytes }];
  } catch {
    // It ended while it was read.
    return [];
  }
}

function nameOf(argv: readonly string[]): string | undefined {
  // Launchers in front of a program carry its arguments too; only the program itself has its name first.
  const program = basename(argv[0] ?? "");
  if (program === "kube-apiserver" || program === "etcd") return program;
  const script = argv.findIndex((arg) => arg.endsWith("src/main.ts"));
  if (program !== "node" || script < 1) return undefined;
  const command = argv[script + 1] ?? "";
  return command === "agent" ? `agent ${argv[argv.indexOf("--node") + 1]}` : command;
}

/** Seconds of a core that each process has used between two looks, by name; one that was started since counts whole. */
export function cpuBetween(before: readonly Usage[], after: readonly Usage[]): ReadonlyMap<string, number> {
  const earlier = new Map(before.map(({ pid, cpuSeconds }) => [pid, cpuSeconds]));
  return new Map(after.map(({ name, pid, cpuSeconds }) => [name, cpuSeconds - (earlier.get(pid) ?? 0)]));
}
