import koffi from "koffi";

const PRIO_PROCESS = 0;
const THIS_THREAD = 0;
const SCHED_RR = 2;
const SCHED_RESET_ON_FORK = 0x40000000;
const LOWEST_REALTIME = 1;
const NICE = -15;

const library = koffi.load(null);
const native = {
  setpriority: library.func("int setpriority(int, uint32_t, int)") as (
    which: number,
    who: number,
    nice: number,
  ) => number,
  sched_setscheduler: library.func("int sched_setscheduler(int, int, const void *)") as (
    pid: number,
    policy: number,
    parameters: Uint8Array,
  ) => number,
};

/**
 * Lets this thread alone run before others: in real time, else with a lower nice value, which counts only within its session
 * or control group (sched(7), "The autogroup feature"). Gives what it got; `none` without CAP_SYS_NICE. A real-time thread
 * that never rests gets 95 % of a core at most (sched_rt_runtime_us).
 */
export function raiseThreadPriority(): "realtime" | "nice" | "none" {
  const parameters = new Uint8Array(4);
  new DataView(parameters.buffer).setInt32(0, LOWEST_REALTIME, true);
  if (native.sched_setscheduler(THIS_THREAD, SCHED_RR | SCHED_RESET_ON_FORK, parameters) === 0) return "realtime";
  return native.setpriority(PRIO_PROCESS, THIS_THREAD, NICE) === 0 ? "nice" : "none";
}
