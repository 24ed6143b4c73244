import type { Report } from "./build.ts";
import { isInstalled, output, toolEnvironment } from "./programs.ts";

const packageOf: Readonly<Record<string, string>> = {
  ip: "iproute2",
  bridge: "iproute2",
  nft: "nftables",
  iptables: "iptables",
  nsenter: "util-linux",
  unshare: "util-linux",
  setpriv: "util-linux",
  flock: "util-linux",
};

/**
 * Sees to it that the system's tools which the lab calls are there; as root on a Debian it installs what is missing.
 * @throws {Error} that names the missing packages and the command to install them
 */
export async function ensurePackages(report: Report): Promise<void> {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  if (process.getuid?.() !== 0 || !isInstalled("apt-get")) {
    throw new Error(`the lab needs Debian packages that are not installed; as root: apt-get update && ${command}`);
  }
  report(`installing Debian packages: ${missing.join(" ")}`);
  const env = { ...toolEnvironment(), DEBIAN_FRONTEND: "noninteractive" };
  const result = await output(["sh", "-c", `apt-get update -q && ${command}`], { env });
  const still = missingPackages();
  if (still.length > 0) throw new Error(`${command}: exit code ${result.code}: ${result.stderr.trim().slice(-2000)}`);
}

function missingPackages(): readonly string[] {
  const packages = Object.entries(packageOf).flatMap(([program, name]) => (isInstalled(program) ? [] : [name]));
  return [...new Set(packages)];
}
