import { setTimeout as sleep } from "node:timers/promises";
import { inBenchLab, untilServed } from "../bench-lab.ts";
import type { WaitingOrder } from "../driver-waiting.ts";
import { isLease, isWrite, requestsBetween, total } from "../request-counts.ts";
import { type Row, row } from "../row.ts";
import type { CaseOptions } from "./case.ts";

/** Time for a restarted process to sync, plan, and write whatever it thinks it must; and for the ones before to come to rest. */
const settleMs = 15_000;

/** What a restart of everything writes though nothing has changed. */
export function restart({ quick, report }: CaseOptions): Promise<readonly Row[]> {
  const n = quick ? 200 : 1_000;
  return inBenchLab({ report }, async (bench) => {
    const { lab, admin } = bench;
    await bench.drive("driver-waiting.ts", { admin, step: "fill", n } satisfies WaitingOrder);
    await untilServed(bench, n);
    await sleep(settleMs);
    const before = await bench.requests();
    await bench.stopController();
    await bench.startController();
    // Killed, for an agent that ends in peace first moves its addresses; all at once, for what is left alone is taken over.
    await Promise.all(lab.nodes.map(({ name }) => lab.restart(`agent-${name}`)));
    await sleep(settleMs);
    const requests = requestsBetween(before, await bench.requests());
    const isWriteOfRestart = (name: string): boolean => isWrite(name) && !isLease(name);
    const writes = total(requests, isWriteOfRestart);
    report([...requests].map(([name, count]) => `${name} ${count}`).join(" · "));
    return [
      row({
        what: `restart of controller and agents under ${n} Services: writes besides Leases`,
        n,
        herald: String(writes),
        budget: "0",
        met: writes === 0,
        figures: { writes, requests: total(requests), ...Object.fromEntries(requests) },
      }),
    ];
  });
}
