import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { soleMacs } from "../../test/lab/answers.ts";
import { inject } from "../../test/lab/faults.ts";
import { type Lab, startLab } from "../../test/lab/lab.ts";
import { monotonicMs } from "../../test/lab/monotonic.ts";
import { isInstalled } from "../../test/lab/programs.ts";
import { watchFrames } from "../../test/lab/watch.ts";
import { clusterOf, deploymentObject } from "../../test/support/cluster.ts";
import { eventually } from "../../test/support/eventually.ts";
import type { Loss, Run } from "./herald.ts";
import { attempt, type Sight } from "./trial.ts";

/** Whether it is here to be measured: Debian's package keepalived. */
export const keepalivedIsHere = (): boolean => isInstalled("keepalived");

const speakers = ["node1", "node2"];
const servers = "node3";
const settleMs = 3_000;
const lookMs = 500;
const patienceMs = 300;

/** Those losses that have a like for it, seen with keepalived at its fastest: VRRP 3, an advertisement each 0.1 s. */
export async function keepalivedSights({
  losses,
  services,
  repetitions,
  report,
}: Run): Promise<ReadonlyMap<Loss, readonly Sight[]>> {
  const lab = await startLab({ nodes: 3, herald: false, report: () => undefined });
  try {
    const addresses = Array.from({ length: services }, (_, i) => `192.168.50.${i + 101}`);
    await serve(lab, addresses);
    for (const [place, node] of speakers.entries()) startKeepalived(lab, node, { addresses, priority: 200 - place });
    const sights = new Map<Loss, readonly Sight[]>();
    for (const loss of losses) {
      if (loss.keepalived === undefined) continue;
      const seen: Sight[] = [];
      for (let i = 0; i < repetitions; i++) seen.push(await trial(lab, addresses, loss.keepalived));
      report(`keepalived, ${loss.what}: ${seen.map(({ tcpMs }) => `${tcpMs.toFixed(0)} ms`).join("; ")}`);
      sights.set(loss, seen);
    }
    return sights;
  } finally {
    await lab.stop();
  }
}

async function serve(lab: Lab, addresses: readonly string[]): Promise<void> {
  const cluster = clusterOf(lab);
  const deployment = deploymentObject("web", 2) as { spec: { template: { spec: object } } };
  Object.assign(deployment.spec.template.spec, { nodeSelector: { "kubernetes.io/hostname": servers } });
  const ports = [
    { name: "http", port: 80, protocol: "TCP" },
    { name: "echo", port: 80, protocol: "UDP" },
  ];
  const spec = { selector: { app: "web" }, ports, externalIPs: addresses };
  await cluster.apply(deployment, { apiVersion: "v1", kind: "Service", metadata: { name: "web" }, spec });
  await cluster.kubectl(["rollout", "status", "deployment/web", "--timeout=60s"]);
}

type Instance = { readonly addresses: readonly string[]; readonly priority: number };

function startKeepalived(lab: Lab, node: string, { addresses, priority }: Instance): void {
  const file = join(lab.dir, `keepalived-${node}.conf`);
  const [first, ...rest] = addresses.map((address) => `    ${address}/32 dev eth0`);
  // One advertisement holds 20 addresses; the others belong to the instance without being named in it.
  const config = `global_defs {
  vrrp_version 3
  vrrp_garp_master_refresh 60
}
vrrp_instance lan {
  state BACKUP
  nopreempt
  interface eth0
  virtual_router_id 50
  priority ${priority}
  advert_int 0.1
  virtual_ipaddress {
${first}
  }
  virtual_ipaddress_excluded {
${rest.join("\n")}
  }
}
`;
  writeFileSync(file, config, { mode: 0o644 });
  const pids = ["-p", `/run/keepalived-${node}.pid`, "-r", `/run/vrrp-${node}.pid`];
  lab.spawn(node, ["keepalived", "--vrrp", "--dont-fork", "--log-console", "-f", file, ...pids], { stdio: "ignore" });
}

async function trial(lab: Lab, addresses: readonly string[], fault: string): Promise<Sight> {
  const [ip = ""] = addresses;
  const holder = (await sole(lab, addresses)).get(ip) ?? "";
  const node = lab.nodes.find(({ mac }) => mac === holder)?.name ?? "";
  return attempt({
    lab,
    addresses,
    ip,
    asks: false,
    begin: () => inject(lab, fault, node),
    untilServed: async (frames) => {
      await eventually("another node answers for all", () => {
        const toMs = monotonicMs();
        const macs = soleMacs(frames.seen(), { addresses, fromMs: toMs - lookMs, toMs }, patienceMs);
        return (macs !== undefined && [...macs.values()].every((mac) => mac !== holder)) || undefined;
      });
    },
    untilMended: () => sleep(settleMs),
  });
}

async function sole(lab: Lab, addresses: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const frames = await watchFrames(lab, addresses);
  try {
    return await eventually("one node answers for all", () => {
      const toMs = monotonicMs();
      return soleMacs(frames.seen(), { addresses, fromMs: toMs - lookMs, toMs }, patienceMs);
    });
  } finally {
    frames.stop();
  }
}
