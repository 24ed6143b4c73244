import { join } from "node:path";
import type { Lab } from "../test/lab/lab.ts";
import { eventually } from "../test/support/eventually.ts";
import type { Attempt, ConnectOrder } from "./driver-connect.ts";

/** Connections that the client opens one after another. */
export type Probe = {
  /** For how many milliseconds of attempts none has failed; attempts whose fate is open do not count. */
  goodForMs(): number;
  stop(): Attempts;
};

/** What became of them. */
export type Attempts = {
  counts(): { readonly attempts: number; readonly lost: number };
  /** From the first attempt that failed after that moment to the first that worked after the last that failed; 0: none failed. */
  outageMs(sinceMs: number): number;
};

/** Starts opening connections from the client; resolves once it has begun. */
export async function probe(lab: Lab, order: ConnectOrder): Promise<Probe> {
  const script = join(import.meta.dirname, "driver-connect.ts");
  const child = lab.spawn("client", [process.execPath, script, JSON.stringify(order)]);
  let output = "";
  child.stderr?.pipe(process.stderr);
  child.stdout?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  await eventually("the client probes", () => output.includes("started") || undefined);
  const attempts = (): readonly Attempt[] =>
    output
      .split("\n")
      .slice(1, -1)
      .map((line) => JSON.parse(line) as Attempt)
      .toSorted((a, b) => a.atMs - b.atMs);
  return {
    goodForMs: () => {
      const all = attempts();
      const lastLost = all.findLast(({ open }) => !open) ?? all[0];
      return (all.at(-1)?.atMs ?? 0) - (lastLost?.atMs ?? 0);
    },
    stop: () => {
      child.kill();
      return judged(attempts());
    },
  };
}

function judged(attempts: readonly Attempt[]): Attempts {
  return {
    counts: () => ({ attempts: attempts.length, lost: attempts.filter(({ open }) => !open).length }),
    outageMs: (sinceMs) => {
      const lost = attempts.filter(({ atMs, open }) => !open && atMs >= sinceMs);
      const [first] = lost;
      const last = lost.at(-1);
      if (first === undefined || last === undefined) return 0;
      const back = attempts.find(({ atMs }) => atMs > last.atMs);
      return (back?.atMs ?? Number.POSITIVE_INFINITY) - first.atMs;
    },
  };
}
