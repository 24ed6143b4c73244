import koffi from "koffi";

const PRIO_PROCESS = 0;
const THIS_THREAD = 0;

const setpriority = koffi.load(null).func("int setpriority(int, uint32_t, int)") as (
  which: number,
  who: number,
  nice: number,
) => number;

/** Gives this thread alone (setpriority(2), "C library/kernel differences") another nice value; false without CAP_SYS_NICE. */
export function setThreadNice(nice: number): boolean {
  return setpriority(PRIO_PROCESS, THIS_THREAD, nice) === 0;
}
