import { Counter, Gauge, Histogram, type Registry } from "../runtime/metrics.ts";

/** What the controller counts; each name is documented by its help text. */
export type ControllerMetrics = {
  request(verb: string, resource: string, code: number): void;
  planned(durationMs: number): void;
  allocated(pool: string): void;
  released(pool: string): void;
  refused(reason: string): void;
  failed(kind: string): void;
};

/** How much work there is; see PlanningLoop. */
export type Load = { readonly waiting: number; readonly running: number; readonly failing: number };

/** The sessions of a BGPPeer. */
export type Sessions = { readonly peer: string; readonly established: number; readonly wanted: number };

/** What is asked at each scrape. */
export type Asked = { readonly load: () => Load; readonly sessions: () => readonly Sessions[] };

/** Registers the controller's metrics. */
export function controllerMetrics(registry: Registry, { load, sessions }: Asked): ControllerMetrics {
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> =>
    new Counter({ name, help, labelNames, registers: [registry] });
  const requests = counter("herald_api_requests_total", "Requests to the API server", ["verb", "resource", "code"]);
  const allocations = counter("herald_allocations_total", "Addresses given to Services", ["pool"]);
  const releases = counter("herald_releases_total", "Addresses taken back from Services", ["pool"]);
  const refusals = counter("herald_refusals_total", "Times that a Service was told no", ["reason"]);
  const failures = counter("herald_change_failures_total", "Changes that failed and are tried again", ["kind"]);
  const plans = new Histogram({
    name: "herald_plan_duration_seconds",
    help: "Time to gather and plan everything once",
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1],
    registers: [registry],
  });
  new Gauge({
    name: "herald_changes",
    help: "Changes of the last plan that wait, changes being written, objects that wait after a failure",
    labelNames: ["state"],
    registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(load())) this.set({ state }, count);
    },
  });
  sessionGauge(registry, sessions);
  return {
    request: (verb, resource, code) => requests.inc({ verb, resource, code: String(code) }),
    planned: (durationMs) => plans.observe(durationMs / 1000),
    allocated: (pool) => allocations.inc({ pool }),
    released: (pool) => releases.inc({ pool }),
    refused: (reason) => refusals.inc({ reason }),
    failed: (kind) => failures.inc({ kind }),
  };
}

function sessionGauge(registry: Registry, sessions: Asked["sessions"]): void {
  new Gauge({
    name: "herald_bgp_peer_sessions",
    help: "BGP sessions of a BGPPeer that are established, and how many nodes want one",
    labelNames: ["peer", "state"],
    registers: [registry],
    collect() {
      this.reset();
      for (const { peer, established, wanted } of sessions()) {
        this.set({ peer, state: "established" }, established);
        this.set({ peer, state: "wanted" }, wanted);
      }
    },
  });
}
