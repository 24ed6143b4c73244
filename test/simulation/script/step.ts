import type { AgentState } from "../world/agent.ts";
import type { Trouble } from "../world/faults.ts";

/** What a user does: one call of the API server. */
export type UserAct = {
  readonly act: "user";
  readonly method: "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: object;
};

/** What befalls one controller, by its number from 0. */
export type MachineAct = { readonly machine: number } & (
  | { readonly act: "crash"; readonly writes: number; readonly committed: boolean; readonly restartInMs: number }
  | { readonly act: "terminate"; readonly restartInMs: number }
  | { readonly act: "stop"; readonly forMs: number }
  | { readonly act: "cut"; readonly forMs: number }
  | { readonly act: "trouble"; readonly trouble: Trouble; readonly chance: number; readonly forMs: number }
  | { readonly act: "lag"; readonly plural: string; readonly forMs: number }
  | { readonly act: "breakWatches" }
  | { readonly act: "expireWatches" }
  | { readonly act: "wallClock"; readonly offsetMs: number }
);

/** What befalls the rest. */
export type OtherAct =
  | { readonly act: "agent"; readonly node: string; readonly state: AgentState }
  | { readonly act: "compact" };

/** One thing that is done to the cluster, so many ms after the one before. */
export type Step = { readonly afterMs: number } & (UserAct | MachineAct | OtherAct);

/** How controllers run: one by election of so many, or two that do not elect. */
export type Variant = { readonly controllers: number; readonly election: boolean };

/** A whole run; the same script has always the same run. */
export type Script = {
  readonly seed: number;
  readonly variant: Variant;
  /** What is there before the controllers start. */
  readonly setUp: readonly UserAct[];
  readonly steps: readonly Step[];
};

/** The act of a step as one line. */
export function stepText({ afterMs, ...act }: Step): string {
  return `+${Math.round(afterMs)} ms ${JSON.stringify(act)}`;
}
