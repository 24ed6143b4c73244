/** User-mode Linux: a Linux kernel as a process, with the drivers that the machine's own kernel may lack. Needs no rights. */
import { spawn } from "node:child_process";
import { accessSync, chmodSync, constants, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const kernel = "/usr/bin/linux.uml";
const modules = "/usr/lib/uml/modules";
const loader = "/sbin/modprobe";

/** Why there is no such kernel on this machine, or undefined if there is one. */
export function umlAbsence(): string | undefined {
  for (const path of [kernel, modules, loader]) {
    try {
      accessSync(path, constants.R_OK);
    } catch {
      return `no ${path}: apt-get install user-mode-linux kmod`;
    }
  }
  return undefined;
}

/** What is to run there. */
export type Guest = {
  /** Loaded before the program starts. */
  readonly drivers: readonly string[];
  /** Run as root by this Node; it sees the machine's own files, read-only, and its own /proc, /sys and /run. */
  readonly script: string;
  /** After this the kernel is ended, and what it printed so far is all there is. */
  readonly withinMs: number;
};

/** Boots, runs the program, ends with it, and gives all lines that kernel and program printed. */
export async function runInUml({ drivers, script, withinMs }: Guest): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "herald-uml-"));
  try {
    const init = prepare(folder, drivers, script);
    return await boot([`init=${init}`, `uml_dir=${folder}/`], withinMs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The path of the first program of the guest. */
function prepare(folder: string, drivers: readonly string[], script: string): string {
  mkdirSync(join(folder, "lib"));
  symlinkSync(modules, join(folder, "lib/modules"));
  const init = join(folder, "init.sh");
  const lines = [
    "#!/bin/sh",
    "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TMPDIR=/run NODE_COMPILE_CACHE=/run/compiled",
    "mount -t proc proc /proc",
    "mount -t sysfs sysfs /sys",
    "mount -t tmpfs tmpfs /run",
    `for driver in ${drivers.join(" ")}; do modprobe -d '${folder}' $driver; done`,
    "ip link set lo up",
    `'${process.execPath}' '${script}'`,
    "echo o > /proc/sysrq-trigger",
    "sleep 60",
  ];
  writeFileSync(init, `${lines.join("\n")}\n`);
  chmodSync(init, 0o755);
  return init;
}

function boot(settings: readonly string[], withinMs: number): Promise<readonly string[]> {
  const root = ["root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", ...settings];
  const console = ["con=null", "con0=fd:0,fd:1", "ssl=null", "quiet"];
  // A group of its own, because each process of the guest is one of the machine's too.
  const child = spawn(kernel, ["mem=512M", ...root, ...console], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const end = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  process.once("exit", end);
  const timer = setTimeout(end, withinMs);
  const lines: string[] = [];
  for (const output of [child.stdout, child.stderr])
    createInterface(output).on("line", (line) => lines.push(line.trimEnd()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => {
      clearTimeout(timer);
      process.off("exit", end);
      resolve(lines);
    });
  });
}
