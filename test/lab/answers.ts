/** A frame by which a station said that an address is its own: an answer, or unasked (gratuitous). */
export type Answer = {
  /** On the clock of `monotonicMs`, where it was heard. */
  readonly atMs: number;
  readonly address: string;
  readonly mac: string;
  readonly unasked: boolean;
};

/** A time in which one station answered for an address, from its first frame to its last. */
export type Tenure = {
  readonly address: string;
  readonly mac: string;
  readonly fromMs: number;
  readonly toMs: number;
};

/** A time in which two stations answered for an address: as long as the earlier went on after the later began. */
export type Double = {
  readonly address: string;
  readonly macs: readonly [earlier: string, later: string];
  readonly fromMs: number;
  readonly forMs: number;
};

/** A time in which nobody answered for an address. */
export type Silence = { readonly address: string; readonly fromMs: number; readonly forMs: number };

/** A time in which the watcher itself had no processor: it asked nothing, and what came was heard at its end. */
export type Pause = { readonly fromMs: number; readonly toMs: number };

/**
 * The longest that two may answer for an address while the members can hear each other: an authority lasts four intervals,
 * and a planned move has three. What lasts longer is broken, on however slow a machine, for these are times of one clock.
 */
const windowMs = 400;

/** Of questions each 20 ms: a station that said nothing for longer had stopped. */
const patienceMs = 250;

/** One line of a watcher's output. */
export function encodeSight(sight: Answer | Pause): string {
  const fields = "mac" in sight ? [sight.atMs, sight.address, sight.mac, sight.unasked] : [sight.fromMs, sight.toMs];
  return `${JSON.stringify(fields)}\n`;
}

/** What `encodeSight` wrote. */
export function decodeSight(line: string): Answer | Pause {
  const fields = JSON.parse(line) as [number, string, string, boolean] | [number, number];
  if (fields.length === 2) return { fromMs: fields[0], toMs: fields[1] };
  const [atMs, address, mac, unasked] = fields;
  return { atMs, address, mac, unasked };
}

/**
 * Who answered for each address and when, by its beginning. A station that said nothing for longer than `patienceMs`, which
 * should be some times the period of the questions, had stopped and begins anew.
 */
export function tenures(answers: readonly Answer[], patienceMs: number): readonly Tenure[] {
  const found: Tenure[] = [];
  const open = new Map<string, { address: string; mac: string; fromMs: number; toMs: number }>();
  for (const { atMs, address, mac } of answers) {
    const key = `${address} ${mac}`;
    const current = open.get(key);
    if (current !== undefined && atMs - current.toMs <= patienceMs) {
      current.toMs = atMs;
      continue;
    }
    const next = { address, mac, fromMs: atMs, toMs: atMs };
    open.set(key, next);
    found.push(next);
  }
  return found;
}

/** Where two stations answered for the same address at a time; a frame of each in turn is enough. */
export function doubles(answers: readonly Answer[], patienceMs: number): readonly Double[] {
  const byAddress = Map.groupBy(tenures(answers, patienceMs), ({ address }) => address);
  return [...byAddress.values()].flatMap((all) =>
    all.flatMap((earlier, i) => all.slice(i + 1).flatMap((later) => double(earlier, later) ?? [])),
  );
}

/** Those of what `watchFrames` saw that lasted longer than two may answer; `keptMs`: so much longer they may. */
export function beyondWindow(answers: readonly Answer[], keptMs = 0): readonly Double[] {
  return doubles(answers, patienceMs).filter(({ forMs }) => forMs > windowMs + keptMs);
}

/** The longest time for which two of what `watchFrames` saw answered, in ms; 0 if they never did. */
export function longestDoubleMs(answers: readonly Answer[]): number {
  return Math.max(0, ...doubles(answers, patienceMs).map(({ forMs }) => forMs));
}

/** The later of the two is that which began later. */
function double(earlier: Tenure, later: Tenure): Double | undefined {
  const forMs = Math.min(earlier.toMs, later.toMs) - later.fromMs;
  if (earlier.mac === later.mac || forMs < 0) return undefined;
  return { address: earlier.address, macs: [earlier.mac, later.mac], fromMs: later.fromMs, forMs };
}

/** What `silences` looks at: these addresses, between two moments, less the watcher's pauses. */
export type Period = {
  readonly addresses: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly pauses?: readonly Pause[];
};

/** The longest time without an answer for each address; one that began before the period, or lasts until its end, counts. */
export function silences(answers: readonly Answer[], period: Period): readonly Silence[] {
  const { addresses, fromMs, toMs, pauses = [] } = period;
  const byAddress = Map.groupBy(answers, ({ address }) => address);
  return addresses.map((address) => {
    const times = (byAddress.get(address) ?? []).map(({ atMs }) => atMs).filter((atMs) => atMs <= toMs);
    const before = times.findLast((atMs) => atMs < fromMs) ?? fromMs;
    const marks = [before, ...times.filter((atMs) => atMs >= fromMs), toMs];
    const gaps = marks.slice(1).map((atMs, i) => {
      const gap = { fromMs: marks[i] ?? 0, toMs: atMs };
      return { address, fromMs: gap.fromMs, forMs: gap.toMs - gap.fromMs - pausedMs(gap, pauses) };
    });
    return gaps.reduce((longest, gap) => (gap.forMs > longest.forMs ? gap : longest));
  });
}

function pausedMs(gap: Pause, pauses: readonly Pause[]): number {
  const shared = pauses.map(({ fromMs, toMs }) => Math.min(gap.toMs, toMs) - Math.max(gap.fromMs, fromMs));
  return shared.reduce((sum, forMs) => sum + Math.max(0, forMs), 0);
}

/**
 * The station that answered for each address in the period, if it was one alone and nobody was silent for longer than
 * `patienceMs`; undefined if that is not so for one of them.
 */
export function soleMacs(
  answers: readonly Answer[],
  period: Period,
  patienceMs: number,
): ReadonlyMap<string, string> | undefined {
  const recent = answers.filter(({ atMs }) => atMs >= period.fromMs && atMs <= period.toMs);
  const sole = new Map<string, string>();
  for (const { address, mac } of recent) {
    if (sole.has(address) && sole.get(address) !== mac && period.addresses.includes(address)) return undefined;
    sole.set(address, mac);
  }
  const quiet = silences(recent, period).some(({ forMs }) => forMs > patienceMs);
  return quiet ? undefined : new Map(period.addresses.map((address) => [address, sole.get(address) ?? ""]));
}

/** How often an address went from one station to another: changes of the station between two frames that follow each other. */
export function changes(answers: readonly Answer[]): number {
  const last = new Map<string, string>();
  let count = 0;
  for (const { address, mac } of answers) {
    if (last.has(address) && last.get(address) !== mac) count += 1;
    last.set(address, mac);
  }
  return count;
}
