import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { delimiter } from "node:path";

/** What a finished command left. `code` is 128 + the signal's number where a signal ended it, as a shell has it. */
export type Output = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** A command that runs: its process, and how to end it. */
export type Program = {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** How it ended ("exit code 1", "signal SIGKILL"); undefined while it runs. */
  ended(): string | undefined;
  /** Sends a signal, and waits for nothing: SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal and waits until the process has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
};

export type RunOptions = {
  readonly stdin?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Ends the command with SIGTERM; the call then fails with an AbortError. */
  readonly signal?: AbortSignal;
  /** Given each piece of output as it comes, standard output and error alike. */
  readonly onOutput?: (text: string) => void;
};

const systemFolders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

/** The environment for tools of the system: an ordinary user's PATH often lacks the sbin folders. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: searchPath().join(delimiter) };
}

/** Whether a program is found on PATH or in the system's folders. */
export function isInstalled(program: string): boolean {
  return searchPath().some((folder) => existsSync(`${folder}/${program}`));
}

function searchPath(): readonly string[] {
  const own = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...own, ...systemFolders.filter((folder) => !own.includes(folder))];
}

/** Prefix that makes the kernel kill a program when the thread that spawned it ends; spawn from the main thread only. */
export const dieWithParent: readonly string[] = ["setpriv", "--pdeathsig", "KILL"];

/** Runs a command to its end, whatever its exit code. */
export async function output(argv: readonly string[], options: RunOptions = {}): Promise<Output> {
  const child = spawnArgv(argv, {
    env: options.env ?? toolEnvironment(),
    ...(options.cwd ? { cwd: options.cwd } : {}),
  });
  const parts = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]?.setEncoding("utf8").on("data", (text: string) => {
      parts[stream] += text;
      options.onOutput?.(text);
    });
  }
  child.stdin?.on("error", () => undefined).end(options.stdin ?? "");
  return { code: await exitCode(child), ...parts };
}

/** The exit code of a process once its output is closed too, 128 + number for a signal. */
export async function exitCode(child: ChildProcess): Promise<number> {
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + signalNumber(signal);
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === "SIGKILL" ? 9 : signal === "SIGTERM" ? 15 : signal === "SIGINT" ? 2 : 1;
}

/** @throws {Error} with the command and what it printed to standard error, if its exit code is not 0 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await output(argv, options);
  if (result.code !== 0) {
    throw new Error(`${argv.join(" ")}: exit code ${result.code}: ${result.stderr.trim() || result.stdout.trim()}`);
  }
  return result.stdout;
}

/** Starts a program that dies with this process; standard output and error are appended to the log file. */
export function start(name: string, argv: readonly string[], logFile: string, options: SpawnOptions = {}): Program {
  const log = openSync(logFile, "a");
  const child = spawnArgv([...dieWithParent, ...argv], {
    env: toolEnvironment(),
    ...options,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  let ended: string | undefined;
  const closed = new Promise<void>((resolve) => {
    const end = (how: string): void => {
      ended ??= how;
      resolve();
    };
    child.once("error", (error) => end(error.message));
    child.once("exit", (code, signal) => end(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  return {
    name,
    pid: child.pid ?? 0,
    logFile,
    ended: () => ended,
    signal: (signal) => void child.kill(signal),
    stop: async (signal = "SIGTERM") => {
      child.kill(signal);
      await closed;
    },
  };
}

function spawnArgv(argv: readonly string[], options: SpawnOptions): ChildProcess {
  const [command, ...rest] = argv;
  if (command === undefined) throw new Error("spawn: empty command");
  return spawn(command, rest, options);
}

/** The last lines of a log file, for an error message; empty if there is no such file. */
export function logTail(logFile: string, lines = 25): string {
  if (!existsSync(logFile)) return "";
  return readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}
