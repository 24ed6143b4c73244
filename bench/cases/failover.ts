import { heraldSights, losses, lossesOfTwo, moves, type Run, three, two } from "../failover/herald.ts";
import { keepalivedIsHere, keepalivedSights } from "../failover/keepalived.ts";
import { lossRows, moveRows, pairRows } from "../failover/rows.ts";
import type { Row } from "../row.ts";
import type { CaseOptions } from "./case.ts";

const services = 50;
const quickServices = 10;
const quickRepetitions = 2;

/** For how long clients and the LAN are without an address when its node is lost; keepalived put to the same. */
export async function failover(options: CaseOptions): Promise<readonly Row[]> {
  const run = runOf(options, losses);
  const herald = await heraldSights(run, three);
  if (!keepalivedIsHere()) options.report("keepalived is not installed: it is left out (Debian's package keepalived)");
  const keepalived = keepalivedIsHere() ? await keepalivedSights(run) : undefined;
  return losses.flatMap((loss) => {
    const beside = keepalived?.get(loss);
    return lossRows(loss.what, { herald: herald.get(loss) ?? [], ...(beside && { keepalived: beside }) });
  });
}

/** The same in a group of two nodes, where the witness Lease decides. */
export async function pair(options: CaseOptions): Promise<readonly Row[]> {
  const sights = await heraldSights(runOf(options, lossesOfTwo), two);
  return [...sights].flatMap(([{ what }, herald]) => pairRows(`two nodes, ${what}`, { herald }));
}

/** What clients lose when addresses move by plan. */
export async function planned(options: CaseOptions): Promise<readonly Row[]> {
  const sights = await heraldSights(runOf(options, moves), three);
  return [...sights].flatMap(([{ what }, herald]) => moveRows(what, { herald }));
}

function runOf({ quick, repetitions, report }: CaseOptions, losses: Run["losses"]): Run {
  return {
    losses,
    services: quick ? quickServices : services,
    repetitions: quick ? Math.min(quickRepetitions, repetitions) : repetitions,
    report,
  };
}
