import type { Service } from "../../src/api/service.ts";
import type { Advertisement } from "../../src/api/vip-advertisement.ts";
import { createPlanner } from "../../src/ipam/plan.ts";
import type { Snapshot } from "../../src/ipam/snapshot.ts";
import { formatAddress } from "../../src/net/address.ts";
import { advertisement, pool, service, snapshot } from "../../test/support/builders.ts";
import { ms, type Row, row, times } from "../row.ts";
import { median, spread } from "../statistics.ts";

const planAllocations = createPlanner();

const namespaces = 50;
const rounds = 30;
/** The kernel counts processor time by its ticks of some milliseconds: short work is timed several times together. */
const together = 10;

/** How long the planner of addresses takes, without any API. */
export async function plan({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  return [...planRows(quick ? 2_000 : 10_000), fillRow(quick ? "10.0.0.0/18" : "10.0.0.0/16")];
}

function planRows(n: number): readonly Row[] {
  const pools = [0, 1, 2, 3, 4].map((i) => pool({ name: `pool-${i}`, addresses: [`10.0.${32 * i}.0/21`] }));
  const all = served(snapshot({ pools, services: waiting(n) }));
  const firstMs = timed(() => planAllocations(all));
  const { median: middle, worst } = spread(Array.from({ length: rounds }, (_, round) => oneChanged(all, round)));
  return [
    row({
      what: `plan of ${n} Services, first`,
      n: 1,
      herald: ms(firstMs),
      budget: "≤ 100 ms",
      met: firstMs <= 100,
      figures: { firstMs },
    }),
    row({
      what: `plan of ${n} Services, one new`,
      n: rounds * together,
      herald: `${ms(middle)}, worst ${together} on average ${ms(worst)}`,
      budget: "≤ 5 ms",
      met: middle <= 5,
      figures: { medianMs: middle, worstMs: worst },
    }),
  ];
}

/** A plan in which one Service is new, all else the very same objects in new lists, as the stores give them; the mean of some. */
function oneChanged(before: Snapshot, round: number): number {
  const snapshots = Array.from({ length: together }, (_, i) => {
    const newer = service({ key: `ns1/new-${round}-${i}`, createdMs: 99 });
    return { ...before, services: [...before.services, newer], advertisements: [...before.advertisements] };
  });
  return timed(() => snapshots.map(planAllocations)) / together;
}

/** A set of all namespaces that notes the processor time each time it has been asked so often: once a Service, by the planner. */
class Milestones extends Set<string> {
  static readonly every = 200;
  readonly marksMs: number[] = [];
  #asked = 0;

  override has(): boolean {
    if (this.#asked++ % Milestones.every === 0) this.marksMs.push(threadMs());
    return true;
  }
}

/** Fills a pool in one plan, and compares what an address costs in its first and its last tenth. */
function fillRow(range: string): Row {
  const whole = 2 ** (32 - Number(range.split("/")[1]));
  const fills = Array.from({ length: 9 }, () => fill(range, whole));
  const startUs = median(fills.map(({ startUs }) => startUs));
  const endUs = median(fills.map(({ endUs }) => endUs));
  return row({
    what: `fill of ${range} in one plan: an address of the last tenth`,
    n: whole,
    herald: `${endUs.toFixed(2)} µs`,
    raw: `first tenth ${startUs.toFixed(2)} µs`,
    ratio: times(endUs / startUs),
    budget: "≤ 1.2 ×",
    met: endUs / startUs <= 1.2,
    figures: { startUs, endUs },
  });
}

function fill(range: string, whole: number): { readonly startUs: number; readonly endUs: number } {
  const milestones = new Milestones();
  const pools = [pool({ addresses: [range], services: { namespaces: milestones } })];
  planAllocations(snapshot({ pools, services: waiting(whole) }));
  const { marksMs } = milestones;
  const tenth = Math.floor(marksMs.length / 10);
  const perAddressUs = (from: number, to: number): number =>
    (((marksMs[to] ?? 0) - (marksMs[from] ?? 0)) / ((to - from) * Milestones.every)) * 1000;
  const last = marksMs.length - 1;
  return { startUs: perAddressUs(0, tenth), endUs: perAddressUs(last - tenth, last) };
}

/** Milliseconds of this thread's processor time: on a machine that others use too, the clock on the wall tells of them. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function timed(work: () => unknown): number {
  const startMs = threadMs();
  work();
  return threadMs() - startMs;
}

function waiting(n: number): readonly Service[] {
  return Array.from({ length: n }, (_, i) => service({ key: `ns${i % namespaces}/web-${i}`, createdMs: i }));
}

/** The snapshot after its plan was carried out, in fresh objects. */
function served(before: Snapshot): Snapshot {
  const services: Service[] = [];
  const advertisements: Advertisement[] = [];
  for (const change of planAllocations(before).changes) {
    if (change.kind !== "write") continue;
    const { address, pool } = change.spec;
    const text = formatAddress(address);
    for (const service of change.joined) {
      const owner = { ...service, allocated: [address], loadBalancerIP: text };
      services.push(owner);
      advertisements.push(advertisement(text, { owner, pool }));
    }
  }
  return { ...before, services, advertisements };
}
