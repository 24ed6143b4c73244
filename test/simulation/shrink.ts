/** What can be shortened: steps, each so long after the one before. */
type Steps = { readonly steps: readonly { readonly afterMs: number }[] };

/** How many runs a shrinking may cost: it is for people, who wait. */
const mostRuns = 400;

/**
 * The script with as few steps as can be found with which it still fails (delta debugging, Zeller 2002): chunks of steps are
 * left out, and smaller chunks if nothing more can be left out. Steps keep their distance to the steps that stay.
 */
export async function shrunk<Script extends Steps>(
  script: Script,
  fails: (smaller: Script) => Promise<boolean>,
): Promise<Script> {
  let best = script;
  let runs = 0;
  const judged = (candidate: Script): Promise<boolean> => {
    runs++;
    return fails(candidate);
  };
  for (let chunk = halfOf(best.steps.length); chunk >= 1 && runs < mostRuns; ) {
    const smaller = await firstOf(withoutEachChunk(best, chunk), judged);
    if (smaller !== undefined) best = smaller;
    else chunk = chunk === 1 ? 0 : halfOf(chunk);
  }
  return best;
}

function halfOf(count: number): number {
  return Math.ceil(count / 2);
}

async function firstOf<Script>(
  candidates: Iterable<Script>,
  holds: (candidate: Script) => Promise<boolean>,
): Promise<Script | undefined> {
  for (const candidate of candidates) if (await holds(candidate)) return candidate;
  return undefined;
}

function* withoutEachChunk<Script extends Steps>(script: Script, chunk: number): Generator<Script> {
  for (let from = 0; from < script.steps.length; from += chunk) yield without(script, from, chunk);
}

/** What comes after a gap comes as late as before. */
function without<Script extends Steps>(script: Script, from: number, count: number): Script {
  const { steps } = script;
  const lostMs = steps.slice(from, from + count).reduce((sum, { afterMs }) => sum + afterMs, 0);
  const rest = steps.slice(from + count);
  const [next, ...others] = rest;
  const moved = next === undefined ? [] : [{ ...next, afterMs: next.afterMs + lostMs }, ...others];
  return { ...script, steps: [...steps.slice(0, from), ...moved] };
}
