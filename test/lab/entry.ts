import { readdirSync, readFileSync } from "node:fs";

/** The first child of a process, by /proc; undefined if it has none. */
export function childOf(parent: number): number | undefined {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).find((pid) => parentOf(pid) === parent);
}

function parentOf(pid: number): number | undefined {
  try {
    // Field 4; the name in field 2 is in brackets and may hold spaces.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}

/** The prefix that starts a world: new namespaces, all of which end when the caller does. */
export function newWorld(): readonly string[] {
  const user = isRoot() ? [] : ["--user", "--map-root-user"];
  const namespaces = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  return ["setpriv", "--pdeathsig", "KILL", "unshare", ...user, ...namespaces];
}

/**
 * A command line that runs a command in a host of the world, in the given working directory; `world` is the number out
 * here of the process that is PID 1 in there. The command is killed when the process started by this line is. Entering a user namespace takes the mark "die with the parent" off, so it is set inside.
 */
export function inWorld(world: number, host: string, argv: readonly string[], cwd: string): readonly string[] {
  const user = isRoot() ? [] : ["--user", "--preserve-credentials"];
  const enter = ["nsenter", "--target", String(world), ...user, "--net", "--mount", "--pid", "--"];
  const place = host === "top" ? [] : ["ip", "netns", "exec", host];
  return [...enter, "setpriv", "--pdeathsig", "KILL", ...place, "env", `--chdir=${cwd}`, ...argv];
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
