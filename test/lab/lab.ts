import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findPrograms } from "./assets.ts";
import { type AttachedLab, attachLab } from "./attached.ts";
import type { Report } from "./build.ts";
import { socketPath } from "./control.ts";
import { childOf, newWorld } from "./entry.ts";
import { claimFolder, releaseFolder, writeLabFile } from "./folder.ts";
import { forward, portOf } from "./forward.ts";
import { ensurePackages } from "./packages.ts";
import { logTail, toolEnvironment } from "./programs.ts";
import type { ProxyMode } from "./proxies.ts";
import type { WorldMessage, WorldOptions } from "./world.ts";

export type LabOptions = {
  /** 1 to 80; default 3. */
  readonly nodes?: number;
  /** Default nftables. */
  readonly proxyMode?: ProxyMode;
  /** Start Herald's own processes too. Default true. */
  readonly herald?: boolean;
  /** More arguments for Herald's controller, such as `--allow-foreign-addresses`. */
  readonly controllerArgs?: readonly string[];
  /** More arguments for each of Herald's agents. */
  readonly agentArgs?: readonly string[];
  /** Default: a new temporary folder, removed by `stop`. What an earlier lab left in it is removed first. */
  readonly dir?: string;
  /** Default: standard error. */
  readonly report?: Report;
};

/** A lab that this process owns: it ends with it, whatever ends it. */
export type Lab = AttachedLab & {
  /** Resolves when the lab has ended, by `stop`, by `down` of another process or by a fault. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
};

/**
 * Starts a cluster in namespaces of its own: API server, nodes, client and router, real kube-proxies, servers in Pods and,
 * unless told otherwise, Herald. As root, or as an ordinary user where the kernel lets users make namespaces. Call it from
 * the main thread.
 * @throws {Error} that names what is missing on this machine, or shows the log of the program that failed
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const report = options.report ?? ((line: string) => process.stderr.write(`${line}\n`));
  await ensurePackages(report);
  await findPrograms(report);
  const temporary = options.dir === undefined;
  const dir = resolve(options.dir ?? mkdtempSync(join(tmpdir(), "herald-lab-")));
  await claimFolder(dir);
  const nodes = options.nodes ?? 3;
  const { proxyMode = "nftables", herald = true, controllerArgs = [], agentArgs = [] } = options;
  const world = spawnWorld({ dir, nodes, proxyMode, herald, controllerArgs, agentArgs });
  const ended = once(world, "close").then(() => undefined);
  const remove = (): void => (temporary ? rmSync(dir, { recursive: true, force: true }) : releaseFolder(dir));
  try {
    await untilReady(world, join(dir, "logs", "world.log"), report);
    const forwarder = await forward({ port: 0 }, { path: socketPath(dir, "api") });
    writeLabFile(dir, { world: childOf(world.pid ?? 0) ?? 0, nodes, url: `https://127.0.0.1:${portOf(forwarder)}` });
    return ownedLab(await attachLab(dir), { world, ended, forwarder, remove });
  } catch (error) {
    world.kill("SIGKILL");
    await ended;
    remove();
    throw error;
  }
}

function spawnWorld(options: WorldOptions): ChildProcess {
  const script = join(import.meta.dirname, "world.ts");
  const argv = [...newWorld(), process.execPath, script, JSON.stringify(options)];
  const log = openSync(join(options.dir, "logs", "world.log"), "a");
  const world = spawn(argv[0] ?? "", argv.slice(1), { env: toolEnvironment(), stdio: ["ignore", log, log, "ipc"] });
  closeSync(log);
  return world;
}

async function untilReady(world: ChildProcess, logFile: string, report: Report): Promise<void> {
  const failed = (message: string): Error => new Error(`start the lab: ${message}\n${logTail(logFile)}`);
  await new Promise<void>((resolve, reject) => {
    world.on("message", (message: WorldMessage) => {
      if ("report" in message) report(message.report);
      else if ("ready" in message) resolve();
      else reject(failed(message.failed));
    });
    world.once("error", reject);
    world.once("exit", (code, signal) => reject(failed(`its first process ended (${signal ?? code})`)));
  });
}

type Owned = {
  readonly world: ChildProcess;
  readonly ended: Promise<void>;
  readonly forwarder: Server;
  remove(): void;
};

function ownedLab(lab: AttachedLab, { world, ended, forwarder, remove }: Owned): Lab {
  return {
    ...lab,
    ended,
    stop: async () => {
      await lab.close();
      forwarder.close();
      world.kill("SIGKILL");
      await ended;
      remove();
    },
  };
}
