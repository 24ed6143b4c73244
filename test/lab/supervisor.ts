import { join } from "node:path";
import { inHost } from "./network.ts";
import { logTail, type Program, start, toolEnvironment } from "./programs.ts";

/** Where and how a program of the lab runs. */
export type Launch = {
  readonly host: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
};

/** The lab's long-running programs by name; none is started again by itself, so that a test can kill one for good. */
export type Supervisor = {
  start(name: string, launch: Launch): void;
  /** @throws {Error} if there is no such program */
  kill(name: string, signal: NodeJS.Signals): Promise<void>;
  restart(name: string): Promise<void>;
  /** Sends a signal that it survives. @throws {Error} if there is no such program */
  signal(name: string, signal: NodeJS.Signals): void;
  /** One message for each program that has ended, with the end of its log. */
  ended(): readonly string[];
  /** The end of a program's log. */
  log(name: string): string;
};

type Entry = { readonly launch: Launch; program: Program };

/** Log files are `<folder>/<name>.log`. */
export function supervisor(folder: string): Supervisor {
  const entries = new Map<string, Entry>();
  const launched = (name: string, { host, argv, env, cwd }: Launch): Program =>
    start(name, inHost(host, argv), join(folder, `${name}.log`), {
      env: { ...toolEnvironment(), ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
  const entry = (name: string): Entry => {
    const found = entries.get(name);
    if (found === undefined) throw new Error(`no program ${name}: there are ${[...entries.keys()].join(", ")}`);
    return found;
  };
  return {
    start: (name, launch) => {
      entries.set(name, { launch, program: launched(name, launch) });
    },
    kill: async (name, signal) => entry(name).program.stop(signal),
    restart: async (name) => {
      const found = entry(name);
      await found.program.stop("SIGKILL");
      found.program = launched(name, found.launch);
    },
    signal: (name, signal) => entry(name).program.signal(signal),
    log: (name) => logTail(entry(name).program.logFile),
    ended: () =>
      [...entries.values()].flatMap(({ program }) => {
        const how = program.ended();
        return how === undefined ? [] : [`${program.name}: ${how}\n${logTail(program.logFile)}`];
      }),
  };
}
