import { ms, type Row, row } from "../row.ts";
import { spread } from "../statistics.ts";
import type { Sight } from "./trial.ts";

/** What was seen in all repetitions of one fault, beside keepalived's if it was there. */
export type Sights = { readonly herald: readonly Sight[]; readonly keepalived?: readonly Sight[] };

/** What half of the times, and the worst of them, may be at most; ms. */
type Budget = { readonly median: number; readonly worst: number };

const lossBudget: Budget = { median: 500, worst: 700 };
/** Of a group of two: the witness Lease has to be taken first. */
const pairBudget: Budget = { median: 1_000, worst: 1_000 };
const moveBudget: Budget = { median: 0, worst: 0 };

const silences = ({ silentMs }: Sight): readonly number[] => silentMs.filter((time) => time > 0);

/** The rows of a fault that takes a node, or its agent, away. */
export function lossRows(what: string, sights: Sights): readonly Row[] {
  const seen = (how: string, times: Outage["times"]): Row =>
    outageRow(`${what}: ${how}`, sights, { times, budget: lossBudget });
  return [
    seen("TCP connects fail for", ({ tcpMs }) => [tcpMs]),
    seen("UDP echoes fail for", ({ udpMs }) => [udpMs]),
    seen("nobody answers, each address", silences),
    doubleRow(what, sights, 50),
  ];
}

/** The rows of a fault in a group of two: from frames alone, for what serves may be on the node that is lost. */
export function pairRows(what: string, sights: Sights): readonly Row[] {
  const seen = { times: silences, budget: pairBudget };
  return [outageRow(`${what}: nobody answers, each address`, sights, seen), doubleRow(what, sights, 50)];
}

/** The rows of a move that is planned: nothing may be lost. */
export function moveRows(what: string, sights: Sights): readonly Row[] {
  const { herald, keepalived } = sights;
  const attempts = sum(herald, (sight) => sight.attempts);
  const lost = sum(herald, (sight) => sight.lost);
  const lostRow = row({
    what: `${what}: connects and echoes lost`,
    n: herald.length,
    herald: `${lost} of ${attempts.toLocaleString("en")}`,
    ...(keepalived && { raw: `keepalived ${sum(keepalived, (sight) => sight.lost)}` }),
    budget: "0",
    met: lost === 0,
    figures: { attempts, lost },
  });
  const times = ({ silentMs }: Sight): readonly number[] => silentMs;
  const silent = outageRow(`${what}: nobody answers, each address`, sights, { times, budget: moveBudget });
  return [lostRow, silent, doubleRow(what, sights, 300)];
}

type Outage = { readonly times: (sight: Sight) => readonly number[]; readonly budget: Budget };

function outageRow(what: string, { herald, keepalived }: Sights, { times, budget }: Outage): Row {
  const own = herald.flatMap(times);
  const { median, worst } = spread(own.length > 0 ? own : [0]);
  return row({
    what,
    n: herald.length,
    herald: rangeText(own),
    ...(keepalived && { raw: `keepalived ${rangeText(keepalived.flatMap(times))}` }),
    budget: budget.worst === 0 ? "0" : `≤ ${budget.median} ms, worst ≤ ${budget.worst}`,
    met: median <= budget.median && worst <= budget.worst,
    figures: { minMs: Math.min(...own, worst), medianMs: median, worstMs: worst },
  });
}

function doubleRow(what: string, { herald, keepalived }: Sights, budgetMs: number): Row {
  const worst = Math.max(...herald.map(({ doubleMs }) => doubleMs));
  return row({
    what: `${what}: two answer for at most`,
    n: herald.length,
    herald: ms(worst),
    ...(keepalived && { raw: `keepalived ${ms(Math.max(...keepalived.map(({ doubleMs }) => doubleMs)))}` }),
    budget: `≤ ${budgetMs} ms`,
    met: worst <= budgetMs,
    figures: { worstMs: worst },
  });
}

/** Least, middle and greatest. */
function rangeText(times: readonly number[]): string {
  if (times.length === 0) return "never";
  const { median, worst } = spread(times);
  return [Math.min(...times), median, worst]
    .map((time) => time.toFixed(0))
    .join(" / ")
    .concat(" ms");
}

const sum = (sights: readonly Sight[], of: (sight: Sight) => number): number =>
  sights.reduce((total, sight) => total + of(sight), 0);
