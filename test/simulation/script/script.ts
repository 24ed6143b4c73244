import { Random } from "../random.ts";
import { nodeNames } from "./names.ts";
import type { MachineAct, OtherAct, Script, Step, Variant } from "./step.ts";
import { anyUserActs, setUpActs } from "./users.ts";

const variants: readonly (readonly [number, Variant])[] = [
  [3, { controllers: 1, election: true }],
  [4, { controllers: 2, election: true }],
  [1, { controllers: 3, election: true }],
  [3, { controllers: 2, election: false }],
];

const anyTrouble = ["429", "500", "503", "lost", "lost", "dropped", "slow"] as const;
const followed = ["*", "services", "services", "vipadvertisements", "ippools", "vipnodes"] as const;

type WithoutMachine<Act> = Act extends MachineAct ? Omit<Act, "machine"> : never;
type MachineMaker = (random: Random) => WithoutMachine<MachineAct>;

const machineMakers: readonly (readonly [number, MachineMaker])[] = [
  [
    5,
    (random) => ({
      act: "crash",
      writes: random.below(4),
      committed: random.chance(0.5),
      restartInMs: restart(random),
    }),
  ],
  [1, (random) => ({ act: "terminate", restartInMs: restart(random) })],
  [2, (random) => ({ act: "stop", forMs: random.between(100, 25_000) })],
  [2, (random) => ({ act: "cut", forMs: random.between(100, 20_000) })],
  [6, (random) => trouble(random)],
  [6, (random) => ({ act: "lag", plural: random.pick(followed), forMs: random.between(50, 8_000) })],
  [2, () => ({ act: "breakWatches" })],
  [1, () => ({ act: "expireWatches" })],
];

const jumps: readonly (readonly [number, MachineMaker])[] = [
  ...machineMakers,
  [2, (random) => ({ act: "wallClock", offsetMs: random.pick([0, random.between(-600_000, 600_000)]) })],
];

/** What may befall a run: nothing at all, everything but wrong wall clocks, or everything. */
const climates: readonly (readonly [number, Climate])[] = [
  [1, { faults: 0, makers: machineMakers }],
  [5, { faults: 0.25, makers: machineMakers }],
  [4, { faults: 0.25, makers: jumps }],
];

type Climate = { readonly faults: number; readonly makers: typeof machineMakers };

function restart(random: Random): number {
  return random.between(10, 5_000);
}

function trouble(random: Random): WithoutMachine<MachineAct> {
  const chance = random.pick([0.2, 0.5, 1]);
  return { act: "trouble", trouble: random.pick(anyTrouble), chance, forMs: random.between(50, 6_000) } as const;
}

function anyOther(random: Random): OtherAct {
  const state = random.pick(["alive", "alive", "mute", "dead"] as const);
  return random.chance(0.3) ? { act: "compact" } : { act: "agent", node: random.pick(nodeNames), state };
}

/** Mostly many things at once, then some rest, so that plans end and Leases run out too. */
function anyGapMs(random: Random): number {
  return random.weighted<() => number>([
    [50, () => random.between(0, 20)],
    [38, () => random.between(20, 800)],
    [10, () => random.between(800, 5_000)],
    [2, () => random.between(5_000, 40_000)],
  ])();
}

/** The script of a seed, with so many steps; `only`: controllers are run so, not as the seed says. */
export function scriptOf(seed: number, length: number, only?: Variant): Script {
  const random = new Random(Math.imul(seed + 1, 0x9e3779b1));
  const drawn = random.weighted(variants);
  const variant = only ?? drawn;
  const climate = random.weighted(climates);
  const steps: Step[] = [];
  const setUp = setUpActs(random);
  while (steps.length < length) steps.push(...anySteps(random, variant, climate));
  return { seed, variant, setUp, steps: steps.slice(0, length) };
}

function anySteps(random: Random, { controllers }: Variant, { faults, makers }: Climate): readonly Step[] {
  const afterMs = anyGapMs(random);
  if (!random.chance(faults)) return anyUserActs(random).map((act, i) => ({ afterMs: i === 0 ? afterMs : 1, ...act }));
  if (random.chance(0.15)) return [{ afterMs, ...anyOther(random) }];
  const machine = random.below(controllers);
  return [{ afterMs, machine, ...random.weighted(makers)(random) } as Step];
}
