/** Programs and commands on the hosts of the guest: network namespaces by name. */
import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { eventually } from "../../support/eventually.ts";

/** A running program that reads and writes lines of JSON; `lines` grows as it writes. */
export type Program = { readonly lines: readonly object[]; say(line: object): void };

/** Runs a script of the shell, which ends at its first failure, and gives what it printed. @throws {Error} if it fails */
export async function shell(script: string): Promise<string> {
  return (await promisify(execFile)("sh", ["-ec", script])).stdout;
}

/** The same on a host. */
export async function shellOn(host: string, script: string): Promise<string> {
  return (await promisify(execFile)("ip", ["netns", "exec", host, "sh", "-ec", script])).stdout;
}

/** Starts a program of this folder on a host, and waits for its first line. It lasts as long as the guest. */
export async function start(host: string, script: string, ...texts: readonly string[]): Promise<Program> {
  const path = `${import.meta.dirname}/${script}`;
  const child = spawn("ip", ["netns", "exec", host, process.execPath, path, ...texts], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.unref();
  const lines: object[] = [];
  createInterface(child.stdout).on("line", (line) => lines.push(JSON.parse(line)));
  await eventually(`${script} on ${host} starts`, () => lines[0]);
  return { lines, say: (line) => void child.stdin.write(`${JSON.stringify(line)}\n`) };
}
