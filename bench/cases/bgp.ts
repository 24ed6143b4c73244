import { isInstalled } from "../../test/lab/programs.ts";
import { latencyRow } from "../bgp/latency.ts";
import { lossRows } from "../bgp/losses.ts";
import { routeRows } from "../bgp/routes.ts";
import type { Row } from "../row.ts";
import type { CaseOptions } from "./case.ts";

const quickRepetitions = 2;

/** What a router sees of Herald, and what its clients lose when a node goes: BIRD 2 on the lab's router, and its kernel's table. */
export async function bgp({ quick, repetitions, report }: CaseOptions): Promise<readonly Row[]> {
  if (!isInstalled("bird")) {
    report("BIRD is not installed: BGP is left out (Debian's package bird2)");
    return [];
  }
  const rounds = quick ? Math.min(quickRepetitions, repetitions) : repetitions;
  return [
    await latencyRow(quick ? 20 : 100, report),
    ...(await routeRows([1, quick ? 1_000 : 10_000], rounds)),
    ...(await lossRows({ repetitions: rounds, calmMs: quick ? 10_000 : 60_000, report })),
  ];
}
