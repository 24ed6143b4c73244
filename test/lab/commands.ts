import { spawn } from "node:child_process";
import { copyFileSync, existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findAssets, findPrograms } from "./assets.ts";
import { type AttachedLab, attachLab } from "./attached.ts";
import { callControl, serveControl } from "./control.ts";
import { startControlPlane } from "./control-plane.ts";
import { claimFolder, logFile, releaseFolder, writeLabFile } from "./folder.ts";
import { startLab } from "./lab.ts";
import { ensurePackages, installRouters } from "./packages.ts";
import { exitCode, isInstalled } from "./programs.ts";
import type { ProxyMode } from "./proxies.ts";

export type UpOptions = {
  readonly nodes: string;
  readonly controlPlaneOnly?: boolean;
  readonly proxyMode: ProxyMode;
  readonly dir: string;
  readonly herald: boolean;
};

const downWithinMs = 15_000;
const report = (line: string): void => void process.stderr.write(`${line}\n`);

/** Installs and builds all that labs and tests need, so that the next one starts in seconds. */
export async function prepare(): Promise<void> {
  await ensurePackages(report);
  await installRouters(report);
  await findPrograms(report);
}

/** Runs a lab until a signal or `down` ends it. */
export async function up(options: UpOptions): Promise<void> {
  const { ended, stop } = options.controlPlaneOnly ? await controlPlaneOnly(options.dir) : await wholeLab(options);
  const signalled = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
  await printReady(options.dir);
  await Promise.race([ended, signalled]);
  await stop();
}

type Running = { readonly ended: Promise<void>; stop(): Promise<void> };

function wholeLab({ nodes, proxyMode, dir, herald }: UpOptions): Promise<Running> {
  return startLab({ nodes: Number(nodes), proxyMode, dir, herald, report });
}

async function controlPlaneOnly(folder: string): Promise<Running> {
  const dir = resolve(folder);
  await claimFolder(dir);
  const plane = await startControlPlane({ dir, controllers: true, report });
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const apiServerOnly = async (program: string, act: () => Promise<void>): Promise<void> => {
    if (program !== "apiserver") throw new Error(`no program ${program}: there is apiserver`);
    await act();
  };
  const control = await serveControl(dir, {
    kill: (program) => apiServerOnly(program, plane.killApiServer),
    signal: (program, signal) => apiServerOnly(program, async () => plane.signalApiServer(signal as NodeJS.Signals)),
    start: () => Promise.reject(new Error("a control plane alone has no hosts")),
    restart: (program) => apiServerOnly(program, plane.restartApiServer),
    token: async (user, pod) => (await plane.access(user, pod || undefined)).token,
    kubeconfig: (user, pod) => plane.kubeconfig(user, pod || undefined),
    down: async () => end(),
  });
  writeLabFile(dir, { world: 0, nodes: 0, url: plane.url });
  return {
    ended,
    stop: async () => {
      control.close();
      await plane.stop();
      releaseFolder(dir);
    },
  };
}

async function printReady(folder: string): Promise<void> {
  const kubectl = await findAssets(report)("kubectl");
  if (!isInstalled("kubectl")) report(`kubectl is not installed here: export PATH=${dirname(kubectl)}:$PATH`);
  const lab = await attachLab(folder);
  const kubeconfig = join(lab.dir, "kubeconfig");
  copyFileSync(await lab.kubeconfig("admin"), kubeconfig);
  await lab.close();
  report("the lab is ready: Ctrl-C ends it");
  process.stdout.write(`export KUBECONFIG=${kubeconfig}\n`);
}

/** Attaches, acts, and lets go of the lab. */
export async function withLab<T>(dir: string, act: (lab: AttachedLab) => Promise<T>): Promise<T> {
  const lab = await attachLab(dir);
  try {
    return await act(lab);
  } finally {
    await lab.close();
  }
}

/** Runs a command on a host with this terminal; gives its exit code. */
export function execute(dir: string, host: string, argv: readonly string[]): Promise<number> {
  return withLab(dir, (lab) => exitCode(lab.spawn(host, argv, { stdio: "inherit" })));
}

/** Prints a program's log; with `follow` it goes on until this process is ended. */
export function logs(dir: string, program: string, follow: boolean): Promise<number> {
  const file = logFile(resolve(dir), program);
  if (!existsSync(file)) throw new Error(`logs ${program}: no ${file}`);
  return exitCode(spawn("tail", ["-n", "+1", ...(follow ? ["-F"] : []), file], { stdio: "inherit" }));
}

/** Ends a lab and waits until nothing of it answers. @throws {Error} if none runs, or it goes on for 15 s */
export async function down(folder: string): Promise<void> {
  const dir = resolve(folder);
  await callControl(dir, "down");
  for (const deadline = Date.now() + downWithinMs; Date.now() < deadline; await sleep(50)) {
    if (!existsSync(join(dir, "lab.json"))) return;
  }
  throw new Error(`down: the lab in ${dir} still runs`);
}
