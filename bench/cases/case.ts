import type { Row } from "../row.ts";

/** What a case is told. */
export type CaseOptions = {
  /** Fewer samples. */
  readonly quick: boolean;
  /** How many Services wait in the larger run of `waiting`. */
  readonly waiting: number;
  /** How often each loss of `failover`, `pair` and `planned` is repeated. */
  readonly repetitions: number;
  /** Told what is going on. */
  readonly report: (line: string) => void;
};

/** Measures something, in labs of its own where it needs any. */
export type Case = (options: CaseOptions) => Promise<readonly Row[]>;
