import type { MachineAct } from "../script/step.ts";
import type { Machine } from "./controller.ts";

type Of<Kind extends MachineAct["act"]> = Extract<MachineAct, { readonly act: Kind }>;

const table: { readonly [Kind in MachineAct["act"]]: (machine: Machine, act: Of<Kind>, nowMs: number) => void } = {
  crash: (machine, act) => {
    machine.faults.trap = act;
    machine.startIn(act.restartInMs);
  },
  terminate: (machine, act) => {
    machine.end();
    machine.startIn(act.restartInMs);
  },
  stop: (machine, { forMs }) => machine.stopFor(forMs),
  cut: (machine, { forMs }, nowMs) => {
    machine.faults.cutUntilMs = nowMs + forMs;
    machine.breakWatches();
  },
  trouble: (machine, { trouble, chance, forMs }, nowMs) =>
    machine.faults.add({ trouble, chance, untilMs: nowMs + forMs }),
  lag: (machine, { plural, forMs }, nowMs) => machine.faults.lag(plural, nowMs + forMs),
  breakWatches: (machine) => machine.breakWatches(),
  expireWatches: (machine) => machine.expireWatches(),
  wallClock: (machine, { offsetMs }) => machine.setWallOffset(offsetMs),
};

/** Has it happen to the machine. */
export function befall<Kind extends MachineAct["act"]>(machine: Machine, act: Of<Kind>, nowMs: number): void {
  const happens = table[act.act] as (machine: Machine, act: Of<Kind>, nowMs: number) => void;
  happens(machine, act, nowMs);
}
