import type { Row } from "../row.ts";
import { burst } from "./burst.ts";
import { failover } from "./failover.ts";
import { latency } from "./latency.ts";
import { plan } from "./plan.ts";
import { rest } from "./rest.ts";
import { restart } from "./restart.ts";
import { waiting } from "./waiting.ts";

/** What a case is told. */
export type CaseOptions = {
  /** Fewer samples. */
  readonly quick: boolean;
  /** How many Services wait in the larger run of `waiting`. */
  readonly waiting: number;
  /** Told what is going on. */
  readonly report: (line: string) => void;
};

/** Measures something, in labs of its own where it needs any. */
export type Case = (options: CaseOptions) => Promise<readonly Row[]>;

/** Every case by its name for `--only`, in the order in which they run. */
export const cases: Readonly<Record<string, Case>> = {
  plan,
  latency,
  burst,
  waiting,
  restart,
  rest,
  failover,
};
