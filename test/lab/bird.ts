import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../support/eventually.ts";
import type { AttachedLab } from "./attached.ts";
import { router } from "./layout.ts";

/** The AS number of the lab's router when it speaks BGP. */
export const routerAsn = 64_512;

/** The AS number of the nodes. */
export const nodesAsn = 64_513;

/** How BIRD is to be. */
export type BirdOptions = {
  /**
   * It wants BFD with every node, with this time between two packets and this many that may be lost. Default: none. A path that is lost
   * takes the node's routes with it; `graceful`: as a restart does, not for a while: else BIRD drops them when an agent restarts.
   */
  readonly bfd?: { readonly intervalMs: number; readonly multiplier: number; readonly graceful?: boolean };
};

/** BIRD 2 on the lab's router. */
export type LabBird = {
  /** What it prints to a command of birdc. @throws {Error} if it fails */
  ask(command: string): Promise<string>;
  /** The next hops of the kernel's routes that are BIRD's, sorted, by prefix. */
  routes(): Promise<Readonly<Record<string, readonly string[]>>>;
};

/** In real time, where that is allowed: what a router without a core loses is not lost by Herald. */
const beforeAllOthers = 'chrt --rr 1 true && exec chrt --rr 1 "$@"; exec nice -n -15 "$@"';

/**
 * Starts BIRD on the router: it waits for a session with each node over IPv4, takes all routes of both families into the kernel's
 * table, over several nodes where there are several, and keeps them while a node restarts gracefully. It ends with the lab.
 */
export async function startBird(lab: AttachedLab, options: BirdOptions = {}): Promise<LabBird> {
  const file = join(lab.dir, "bird.conf");
  const socket = join(lab.dir, "bird.ctl");
  writeFileSync(file, configuration(lab, options), { mode: 0o644 });
  const on = async (argv: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await lab.exec("router", argv);
    if (code !== 0) throw new Error(`${argv.join(" ")}: exit code ${code}: ${stderr.trim()}`);
    return stdout;
  };
  // The client, on the same LAN, would else be sent past the router.
  await on(["sysctl", "-qw", "net.ipv4.conf.all.send_redirects=0", "net.ipv4.conf.eth0.send_redirects=0"]);
  const argv = ["bird", "-f", "-c", file, "-s", socket, "-P", join(lab.dir, "bird.pid")];
  lab.spawn("router", ["sh", "-c", beforeAllOthers, "sh", ...argv], { stdio: "ignore" });
  const ask = (command: string): Promise<string> => on(["birdc", "-s", socket, ...command.split(" ")]);
  await eventually("BIRD runs", async () => (await ask("show status")).includes("up and running"));
  return {
    ask,
    routes: async () => {
      const tables = await Promise.all(
        ["-4", "-6"].map((family) => on(["ip", family, "-json", "route", "show", "proto", "bird"])),
      );
      return Object.fromEntries(tables.flatMap((table) => (JSON.parse(table) as readonly KernelRoute[]).map(hopsOf)));
    },
  };
}

type KernelRoute = {
  readonly dst: string;
  readonly gateway?: string;
  readonly nexthops?: readonly { readonly gateway: string }[];
};

function hopsOf({ dst, gateway, nexthops = [] }: KernelRoute): readonly [prefix: string, hops: readonly string[]] {
  const prefix = dst.includes("/") ? dst : `${dst}/${dst.includes(":") ? 128 : 32}`;
  return [prefix, [...(gateway ? [gateway] : []), ...nexthops.map((hop) => hop.gateway)].sort()];
}

function configuration({ nodes, dir }: AttachedLab, { bfd }: BirdOptions): string {
  const times =
    bfd && `min rx interval ${bfd.intervalMs} ms; min tx interval ${bfd.intervalMs} ms; multiplier ${bfd.multiplier};`;
  const sessions = nodes.map(({ name, lan4 }) => `protocol bgp ${name} from node { neighbor ${lan4} as ${nodesAsn}; }`);
  return `log "${join(dir, "logs", "bird.log")}" all;
router id ${router.lan4};
timeformat protocol iso long ms;
protocol device { scan time 10; }
protocol direct { ipv4; ipv6; interface "eth0"; }
protocol kernel { merge paths on; ipv4 { export where source = RTS_BGP; }; }
protocol kernel { merge paths on; ipv6 { export where source = RTS_BGP; }; }
${times === undefined ? "" : `protocol bfd { interface "eth0" { ${times} }; }`}
template bgp node {
  local ${router.lan4} as ${routerAsn}; passive on; error wait time 1, 2; graceful restart on;
  ${times === undefined ? "" : `bfd ${bfd?.graceful === true ? "graceful" : "on"};`}
  ipv4 { import all; export none; };
  ipv6 { import all; export none; };
}
${sessions.join("\n")}
`;
}

/** The BGPPeer by which all nodes speak with the router. */
export function routerPeer({ bfd }: BirdOptions = {}, spec: object = {}): object {
  const times = bfd && { transmit: bfd.intervalMs, receive: bfd.intervalMs, multiplier: bfd.multiplier };
  return {
    apiVersion: "herald.dev/v1beta1",
    kind: "BGPPeer",
    metadata: { name: "router" },
    spec: {
      address: router.lan4,
      asn: routerAsn,
      localAsn: nodesAsn,
      connectTime: "1s",
      ...(times && { bfd: times }),
      ...spec,
    },
  };
}
