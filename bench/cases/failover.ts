import { heraldSights, losses, lossesOfTwo, three, two } from "../failover/herald.ts";
import { keepalivedIsHere, keepalivedSights } from "../failover/keepalived.ts";
import { lossRows, moveRows, pairRows } from "../failover/rows.ts";
import type { Row } from "../row.ts";
import type { CaseOptions } from "./case.ts";

const services = 50;
const quickServices = 10;
const quickRepetitions = 2;

/** For how long clients and the LAN are without an address when its node is lost, and what they lose when it moves by plan. */
export async function failover({ quick, repetitions, report }: CaseOptions): Promise<readonly Row[]> {
  const run = {
    losses,
    services: quick ? quickServices : services,
    repetitions: quick ? Math.min(quickRepetitions, repetitions) : repetitions,
    report,
  };
  const herald = await heraldSights(run, three);
  const pair = await heraldSights({ ...run, losses: lossesOfTwo }, two);
  if (!keepalivedIsHere()) report("keepalived is not installed: it is left out (Debian's package keepalived)");
  const keepalived = keepalivedIsHere() ? await keepalivedSights(run) : undefined;
  const rows = losses.flatMap((loss) => {
    const beside = keepalived?.get(loss);
    const sights = { herald: herald.get(loss) ?? [], ...(beside && { keepalived: beside }) };
    return (loss.planned ? moveRows : lossRows)(loss.what, sights);
  });
  return [...rows, ...[...pair].flatMap(([{ what }, sights]) => pairRows(`two nodes, ${what}`, { herald: sights }))];
}
