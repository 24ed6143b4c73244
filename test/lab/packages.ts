import { existsSync, rmSync, writeFileSync } from "node:fs";
import type { Report } from "./build.ts";
import { isInstalled, type Output, output, toolEnvironment } from "./programs.ts";

type Packages = Readonly<Record<string, string>>;

const packageOf: Packages = {
  ip: "iproute2",
  bridge: "iproute2",
  nft: "nftables",
  iptables: "iptables",
  nsenter: "util-linux",
  unshare: "util-linux",
  setpriv: "util-linux",
  flock: "util-linux",
};

/** The routers that tests of BGP speak with, and that no lab needs. */
const routerPackageOf: Packages = { bird: "bird2", "/usr/lib/frr/bgpd": "frr", gobgpd: "gobgpd" };

/** What each of these packages would start at once, and with every boot. */
const serviceOf: Packages = { bird2: "bird", frr: "frr", gobgpd: "gobgpd" };

const policy = "/usr/sbin/policy-rc.d";

/**
 * Sees to it that the system's tools which the lab calls are there; as root on a Debian it installs what is missing.
 * @throws {Error} that names the missing packages and the command to install them
 */
export async function ensurePackages(report: Report): Promise<void> {
  const missing = missingPackages(packageOf);
  if (missing.length === 0) return;
  const command = installCommand(missing);
  if (!mayInstall()) {
    throw new Error(`the lab needs Debian packages that are not installed; as root: apt-get update && ${command}`);
  }
  report(`installing Debian packages: ${missing.join(" ")}`);
  const result = await install(missing);
  const still = missingPackages(packageOf);
  if (still.length > 0) throw new Error(`${command}: exit code ${result.code}: ${result.stderr.trim().slice(-2000)}`);
}

/**
 * As root on a Debian, installs those of BIRD, FRR and GoBGP that are missing, and sees to it that none of them runs as a service
 * of this machine. What cannot be installed is said, and the tests that need it are skipped.
 */
export async function installRouters(report: Report): Promise<void> {
  const missing = missingPackages(routerPackageOf);
  if (missing.length === 0) return;
  if (mayInstall()) {
    report(`installing Debian packages: ${missing.join(" ")}`);
    await withoutServices(missing, () => install(missing));
  }
  const still = missingPackages(routerPackageOf);
  if (still.length > 0)
    report(`tests with other makers' routers will be skipped; as root: apt-get update && ${installCommand(still)}`);
}

function mayInstall(): boolean {
  return process.getuid?.() === 0 && isInstalled("apt-get");
}

function installCommand(packages: readonly string[]): string {
  return `apt-get install -y --no-install-recommends ${packages.join(" ")}`;
}

function install(packages: readonly string[]): Promise<Output> {
  const env = { ...toolEnvironment(), DEBIAN_FRONTEND: "noninteractive" };
  return output(["sh", "-c", `apt-get update -q && ${installCommand(packages)}`], { env });
}

/** Debian asks a policy before it starts a service, and enables it for the next boot without asking. */
async function withoutServices(packages: readonly string[], work: () => Promise<unknown>): Promise<void> {
  const isOurs = !existsSync(policy);
  if (isOurs) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    await work();
  } finally {
    if (isOurs) rmSync(policy, { force: true });
  }
  const services = packages.flatMap((name) => serviceOf[name] ?? []);
  if (isInstalled("systemctl")) await output(["systemctl", "disable", "--now", "--quiet", ...services]);
}

function missingPackages(packages: Packages): readonly string[] {
  const isThere = (program: string): boolean => (program.startsWith("/") ? existsSync(program) : isInstalled(program));
  return [...new Set(Object.entries(packages).flatMap(([program, name]) => (isThere(program) ? [] : [name])))];
}
