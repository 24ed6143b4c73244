/** Milliseconds of a clock that all threads of the machine share and that never jumps; `performance.now` is each thread's own. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
