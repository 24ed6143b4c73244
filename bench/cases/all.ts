import { bgp } from "./bgp.ts";
import { burst } from "./burst.ts";
import type { Case } from "./case.ts";
import { failover, pair, planned } from "./failover.ts";
import { latency } from "./latency.ts";
import { plan } from "./plan.ts";
import { rest } from "./rest.ts";
import { restart } from "./restart.ts";
import { waiting } from "./waiting.ts";

/** Every case by its name for `--only`, in the order in which they run. */
export const cases: Readonly<Record<string, Case>> = {
  plan,
  latency,
  burst,
  waiting,
  restart,
  rest,
  failover,
  pair,
  planned,
  bgp,
};
