import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { callControl, socketPath } from "./control.ts";

/**
 * What a running lab leaves in its folder for those who attach: `world` is the PID outside of its first process, 0 for a
 * control plane alone; `url` leads to the API server from outside.
 */
export type LabFile = { readonly world: number; readonly nodes: number; readonly url: string };

const ofThisRun = ["lab.json", "control.sock", "api.sock", "kubeconfig", "kubeconfigs", "pki"];
const ofAnyRun = [...ofThisRun, "etcd", "logs", "kubectl-cache"];

/**
 * Makes a folder ready for a new lab: nothing is left in it of one that ended.
 * @throws {Error} if a lab runs there
 */
export async function claimFolder(dir: string): Promise<void> {
  if (await isAlive(dir)) throw new Error(`a lab runs in ${dir} already: end it with "down", or choose another --dir`);
  remove(dir, ofAnyRun);
  mkdirSync(join(dir, "logs"), { recursive: true });
}

/** Removes what no longer leads anywhere; logs and data stay for whoever wants to read them. */
export function releaseFolder(dir: string): void {
  remove(dir, ofThisRun);
}

function remove(dir: string, names: readonly string[]): void {
  for (const name of names) rmSync(join(dir, name), { recursive: true, force: true });
}

/** Whether a lab answers in this folder. */
export async function isAlive(dir: string): Promise<boolean> {
  if (!existsSync(socketPath(dir, "control"))) return false;
  return callControl(dir, "token", "admin", "").then(
    () => true,
    () => false,
  );
}

/** Says that the lab of this folder is ready. */
export function writeLabFile(dir: string, file: LabFile): void {
  writeFileSync(join(dir, "lab.json"), `${JSON.stringify(file)}\n`);
}

/** @throws {Error} if no lab is ready in this folder */
export function readLabFile(dir: string): LabFile {
  try {
    return JSON.parse(readFileSync(join(dir, "lab.json"), "utf8")) as LabFile;
  } catch (cause) {
    throw new Error(`no lab runs in ${dir}`, { cause });
  }
}

/** The log of a program; a node's name stands for its agent, `apiserver` for kube-apiserver. */
export function logFile(dir: string, name: string): string {
  const program = /^node\d+$/.test(name) ? `agent-${name}` : name === "apiserver" ? "kube-apiserver" : name;
  return join(dir, "logs", `${program}.log`);
}
