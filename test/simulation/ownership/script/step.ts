/** Nodes and addresses are numbers from 0. */
type Node = number;

/** What befalls the network; each ends by itself. */
export type LanAct =
  | {
      readonly act: "weather";
      readonly loss: number;
      readonly delayMs: number;
      readonly duplicate: number;
      readonly forMs: number;
    }
  | {
      readonly act: "cut";
      readonly from: Node;
      readonly to: Node;
      readonly both: boolean;
      readonly what: "heartbeats" | "layer2";
      readonly forMs: number;
    }
  | { readonly act: "port"; readonly node: Node; readonly forMs: number }
  /** The sides hear nothing of each other; the gateway is with the side `gateway`, or with both. */
  | {
      readonly act: "partition";
      readonly side: readonly Node[];
      readonly gateway: "side" | "rest" | "both";
      readonly forMs: number;
    }
  | { readonly act: "gateway"; readonly node: Node; readonly forMs: number };

/** When in a turn of the process: now, or in its next turn that sends, before it stores or before it sends. */
export type Moment = "now" | "beforeStore" | "beforeSend";

/** What befalls a machine or its process. */
export type MachineAct =
  | { readonly act: "stop"; readonly node: Node; readonly at: Moment; readonly forMs: number }
  /** The whole machine stops, its monotonic clock with it. */
  | { readonly act: "halt"; readonly node: Node; readonly forMs: number }
  /** `memory`: what the process stored is there when it starts again. */
  | {
      readonly act: "kill";
      readonly node: Node;
      readonly at: Moment;
      readonly memory: boolean;
      readonly restartInMs: number;
    }
  /** Another machine takes its place and name: another clock, no memory. */
  | { readonly act: "replace"; readonly node: Node; readonly inMs: number }
  | { readonly act: "terminate"; readonly node: Node; readonly restartInMs: number }
  /** Its process dies so long after it next goes by another list, and is started again with its memory. */
  | { readonly act: "relist"; readonly node: Node; readonly inMs: number; readonly restartInMs: number }
  /** Its process is started again with another interval between heartbeats, and so is each after it. */
  | {
      readonly act: "pace";
      readonly node: Node;
      readonly intervalMs: number;
      readonly memory: boolean;
      readonly restartInMs: number;
    };

/** What is asked for at the API server, or befalls it. */
export type ApiAct =
  | {
      readonly act: "api";
      readonly node: Node | "all";
      readonly how: "silent" | "refused" | "slow";
      readonly forMs: number;
    }
  /** The watches of this node say nothing new for so long; its calls are answered. */
  | { readonly act: "late"; readonly node: Node; readonly forMs: number }
  /** The node is shown an older list, or older wishes, once more. */
  | { readonly act: "stale"; readonly node: Node; readonly what: "list" | "wishes"; readonly back: number }
  | { readonly act: "move"; readonly address: number; readonly node: Node }
  | { readonly act: "drain"; readonly node: Node; readonly forMs: number }
  | { readonly act: "join"; readonly node: Node }
  | { readonly act: "part"; readonly node: Node }
  | { readonly act: "witness"; readonly wanted: boolean }
  /** Somebody else writes to the witness Lease; who has it stays. */
  | { readonly act: "touch" }
  /** Somebody who is no member announces the address, or answers a probe for it; these nodes hear it. */
  | { readonly act: "foreign"; readonly address: number; readonly nodes: readonly Node[] };

/** One thing that happens. */
export type Act = LanAct | MachineAct | ApiAct;

/** One thing that happens, so many ms after the one before. */
export type Step = { readonly afterMs: number } & Act;

/** What a run is about. */
export type Variant = {
  /** Members at the beginning; the machines after them may join. */
  readonly members: number;
  readonly machines: number;
  /** The witness is a voter at the beginning. */
  readonly witness: boolean;
  readonly withoutQuorum: "Keep" | "Yield";
  /** The controller may force a list: two holders cannot be excluded then. */
  readonly forcing: boolean;
  /** A Lease that stood still for so long is dead; a member is removed after twice the time. */
  readonly leaseMs: number;
};

/** A whole run; the same script has always the same run. */
export type Script = { readonly seed: number; readonly variant: Variant; readonly steps: readonly Step[] };

/** The act of a step as one line. */
export function stepText({ afterMs, ...act }: Step): string {
  return `+${Math.round(afterMs)} ms ${JSON.stringify(act)}`;
}
