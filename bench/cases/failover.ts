import { setTimeout as sleep } from "node:timers/promises";
import { clusterOf, deploymentObject } from "../../test/support/cluster.ts";
import { nowMs } from "../bare-client.ts";
import { type BenchLab, inBenchLab } from "../bench-lab.ts";
import { poolObject, serviceObject } from "../objects.ts";
import { type Probe, probe } from "../probe.ts";
import { ms, type Row, row } from "../row.ts";
import { spread } from "../statistics.ts";
import type { CaseOptions } from "./case.ts";

const probeEveryMs = 20;
const forgetEveryMs = 200;
const settleMs = 3_000;
/** A returning agent's Lease has to be seen to move for one duration before it counts. */
const returnMs = 8_000;
const longestOutageMs = 30_000;

/** How long a client cannot connect when the node that holds an address dies, and when its agent ends in peace. */
export function failover({ quick, report }: CaseOptions): Promise<readonly Row[]> {
  return inBenchLab({ report, proxies: true }, async (bench) => {
    const site = await build(bench);
    const trials = quick ? 2 : 5;
    const kill = (holder: string): Promise<void> => bench.lab.killAgent(holder, "SIGKILL");
    const cutAndKill = async (holder: string): Promise<void> => {
      await bench.lab.cut(holder, "both");
      await kill(holder);
    };
    return [
      await outages(site, trials, { what: "agent SIGKILL, a client that knows the address", kill }),
      await outages(site, trials, { what: "agent SIGKILL, a client that asks for it", kill, forgetEveryMs }),
      await outages(site, trials, { what: "node cut off, agent SIGKILL", kill: cutAndKill }),
      await terminations(site, trials),
    ];
  });
}

type Site = BenchLab & { readonly ip: string; readonly cluster: ReturnType<typeof clusterOf> };

/** Servers on the third node only, and an address that only the other two announce: a node that is lost takes no server with it. */
async function build(bench: BenchLab): Promise<Site> {
  const { lab } = bench;
  const cluster = clusterOf(lab);
  await lab.kubectl(["label", "node", "node1", "node2", "bench=edge"]);
  const deployment = structuredClone(deploymentObject("web", 2)) as { spec: { template: { spec: object } } };
  Object.assign(deployment.spec.template.spec, { nodeSelector: { "kubernetes.io/hostname": "node3" } });
  const pool = poolObject("lan", ["192.168.50.200-192.168.50.219"], "On") as { spec: { announcement: object } };
  Object.assign(pool.spec.announcement, { nodeSelector: { matchLabels: { bench: "edge" } } });
  await cluster.apply(deployment, pool, serviceObject({ name: "web", pool: "lan", selector: { app: "web" } }));
  const ip = await cluster.address("web");
  await cluster.reach("client", ip);
  return { ...bench, ip, cluster };
}

type Fault = {
  readonly what: string;
  readonly kill: (holder: string) => Promise<void>;
  readonly forgetEveryMs?: number;
};

async function outages(site: Site, trials: number, fault: Fault): Promise<Row> {
  const outagesMs: number[] = [];
  for (let i = 0; i < trials; i++) outagesMs.push(await outage(site, fault));
  const { median, worst } = spread(outagesMs);
  return row({
    what: `failover by Lease: ${fault.what}`,
    n: trials,
    herald: `${ms(median)}, worst ${ms(worst)}`,
    budget: "≤ 500 ms, worst 700",
    met: median <= 500 && worst <= 700,
    figures: { medianMs: median, worstMs: worst },
  });
}

async function outage(site: Site, { kill, forgetEveryMs }: Fault): Promise<number> {
  const { lab, cluster, ip } = site;
  const holder = await cluster.holder(ip);
  const connects = await probe(lab, { ip, everyMs: probeEveryMs, ...(forgetEveryMs && { forgetEveryMs }) });
  await sleep(settleMs);
  const killedMs = nowMs();
  await kill(holder);
  await cluster.holder(ip, holder);
  await untilReached(connects, killedMs);
  const lostMs = connects.stop().outageMs(killedMs);
  await lab.heal(holder);
  await lab.restart(`agent-${holder}`);
  await sleep(returnMs);
  return lostMs;
}

/** Connections have been opened for a while again. */
async function untilReached(connects: Probe, killedMs: number): Promise<void> {
  for (let goodMs = 0; goodMs < settleMs && nowMs() - killedMs < longestOutageMs; ) {
    await sleep(probeEveryMs);
    goodMs = connects.goodForMs();
  }
}

async function terminations(site: Site, trials: number): Promise<Row> {
  const { lab, cluster, ip } = site;
  let attempts = 0;
  let lost = 0;
  for (let i = 0; i < trials; i++) {
    const holder = await cluster.holder(ip);
    const connects = await probe(lab, { ip, everyMs: 10 });
    await sleep(settleMs / 2);
    await lab.kill(`agent-${holder}`, "SIGTERM");
    await cluster.holder(ip, holder);
    await sleep(settleMs);
    const counts = connects.stop().counts();
    attempts += counts.attempts;
    lost += counts.lost;
    await lab.restart(`agent-${holder}`);
    await sleep(returnMs);
  }
  return row({
    what: "SIGTERM of the holder's agent: connects lost",
    n: attempts,
    herald: String(lost),
    budget: "0",
    met: lost === 0,
    figures: { attempts, lost },
  });
}
