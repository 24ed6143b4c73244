import { join } from "node:path";
import { eventually } from "../../test/support/eventually.ts";
import { type BenchLab, inBenchLab } from "../bench-lab.ts";
import type { LatencyAnswer, LatencyOrder, LatencySample } from "../driver-latency.ts";
import type { HeardArp } from "../lan-listener.ts";
import { ms, type Row, row, times } from "../row.ts";
import { type Spread, spread } from "../statistics.ts";
import type { CaseOptions } from "./case.ts";

/** Services made one by one on an idle cluster: until somebody on the LAN hears of the address, and until it is in the status. */
export function latency({ quick, report }: CaseOptions): Promise<readonly Row[]> {
  const n = quick ? 20 : 100;
  return inBenchLab({ report }, async (bench) => {
    await bench.stopController();
    const before = await byHand(bench, { prefix: "before", n: n / 2 });
    await bench.startController();
    await bench.untilNoClaims();
    const off = await served(bench, { check: "Off", prefix: "off", n });
    const on = await served(bench, { prefix: "on", n });
    await bench.stopController();
    const bare = bareOf([...before, ...(await byHand(bench, { prefix: "after", n: n / 2 }))]);
    return [
      arpRow("create → first ARP, conflictCheck Off", off, {
        bare,
        budget: "≤ 2.2 ×",
        met: (_, ratio) => ratio <= 2.2,
      }),
      arpRow("create → first ARP, conflictCheck On", on, { bare, budget: "≤ 50 ms", met: (middle) => middle <= 50 }),
      statusRow(off, bare),
    ];
  });
}

type Bare = { readonly seen: Spread; readonly writes: Spread };

/** The bare client runs before and after Herald, so that other work on the machine weighs on both alike. */
async function byHand(
  { drive, admin, controller }: BenchLab,
  { prefix, n }: Pick<LatencyOrder, "prefix" | "n">,
): Promise<readonly LatencySample[]> {
  const order: LatencyOrder = { admin, writer: controller, prefix, n };
  return (await drive<LatencyAnswer>("driver-latency.ts", order)).samples;
}

/** What the same costs a bare client: Service create and its delivery by a watch; and all the writes one after another. */
function bareOf(samples: readonly LatencySample[]): Bare {
  return {
    seen: spread(samples.map(({ startMs, seenMs }) => seenMs - startMs)),
    writes: spread(samples.map(({ startMs, servedMs }) => servedMs - startMs)),
  };
}

/** From the create until the LAN hears of the address, and until a watch delivers it in the status. */
export type Served = { readonly arp: Spread; readonly status: Spread };

/** Serves so many Services one after another. */
export async function served(bench: BenchLab, wish: Pick<LatencyOrder, "check" | "prefix" | "n">): Promise<Served> {
  const ears = await listen(bench);
  const order: LatencyOrder = { admin: bench.admin, ...wish };
  const { samples } = await bench.drive<LatencyAnswer>("driver-latency.ts", order);
  const heard = ears.stop();
  await bench.untilNoClaims();
  return {
    arp: spread(samples.map((sample) => firstHeard(heard, sample) - sample.startMs)),
    status: spread(samples.map(({ startMs, servedMs }) => servedMs - startMs)),
  };
}

function firstHeard(heard: readonly HeardArp[], { ip, startMs }: LatencySample): number {
  const first = heard.find(({ address, atMs }) => address === ip && atMs >= startMs);
  if (first === undefined) throw new Error(`no ARP of ${ip} was heard`);
  return first.atMs;
}

async function listen({ lab }: BenchLab): Promise<{ stop(): readonly HeardArp[] }> {
  const child = lab.spawn("client", [process.execPath, join(import.meta.dirname, "..", "lan-listener.ts")]);
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  await eventually("the client listens", () => output.includes("listening") || undefined);
  return {
    stop: () => {
      child.kill();
      const lines = output.split("\n").slice(1, -1);
      return lines.map((line) => JSON.parse(line) as HeardArp);
    },
  };
}

type Against = {
  readonly bare: Bare;
  readonly budget: string;
  readonly met: (medianMs: number, ratio: number) => boolean;
};

function arpRow(what: string, { arp }: Served, { bare, budget, met }: Against): Row {
  const ratio = arp.median / bare.seen.median;
  return row({
    what,
    n: arp.n,
    herald: spreadText(arp),
    raw: `create + watch ${spreadText(bare.seen)}`,
    ratio: times(ratio),
    budget,
    met: met(arp.median, ratio),
    figures: { medianMs: arp.median, p99Ms: arp.p99, rawMs: bare.seen.median, ratio },
  });
}

function statusRow({ status }: Served, { writes }: Bare): Row {
  const ratio = status.median / writes.median;
  return row({
    what: "create → status.ingress, conflictCheck Off",
    n: status.n,
    herald: spreadText(status),
    raw: `same writes ${spreadText(writes)}`,
    ratio: times(ratio),
    budget: "≤ 1.5 ×",
    met: ratio <= 1.5,
    figures: { medianMs: status.median, p99Ms: status.p99, rawMs: writes.median, ratio },
  });
}

function spreadText({ median, p99 }: Spread): string {
  return `${ms(median)}, p99 ${ms(p99)}`;
}
