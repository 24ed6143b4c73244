import type { ApiClient } from "../../kube/api-client.ts";
import { LeaseKeeper } from "../../kube/lease-keeper.ts";
import type { OutageLog } from "../../runtime/outage.ts";
import { endpointText } from "../endpoint-text.ts";
import type { AgentOptions } from "../options.ts";
import type { AgentLease } from "../ports.ts";

/** Set to "true" in the Lease of an agent that is about to end. */
const leavingAnnotation = "herald.dev/leaving";

/** Set to "true" in the Lease of an agent that has ended, and whose routes its routers keep for the next one. */
const routesStayAnnotation = "herald.dev/routes-stay";

/** Where an agent hears heartbeats, in its Lease. */
export const heartbeatAnnotation = "herald.dev/heartbeat";

/** The name of the Lease of a node's agent. */
export function leaseName(node: string): string {
  return `herald-agent-${node}`;
}

/** Whom to tell of the renewals; `worked`: with whether it is the first after a failure. */
export type Renewals = { readonly failed: OutageLog["failed"]; readonly worked: (first: boolean) => void };

/** Renews the Lease of this node's agent from now on. */
export function keepLease(client: ApiClient, options: AgentOptions, renewals: Renewals): AgentLease {
  let failing = false;
  const keeper = new LeaseKeeper({
    client,
    ref: { namespace: options.namespace, name: leaseName(options.node) },
    holderIdentity: options.node,
    durationSeconds: options.leaseDurationSeconds,
    intervalMs: options.leaseRenewSeconds * 1000,
    annotations: { [leavingAnnotation]: "false", [routesStayAnnotation]: "false" },
    onRenewed: () => {
      renewals.worked(failing);
      failing = false;
    },
    onFailed: (error) => {
      failing = true;
      renewals.failed(error);
    },
  });
  const stop = new AbortController();
  const renewing = keeper.run(stop.signal);
  return {
    renewedMs: () => (Number.isFinite(keeper.lastRenewalStartMs) ? keeper.lastRenewalStartMs : undefined),
    sayEndpoint: (endpoint) => keeper.annotate({ [heartbeatAnnotation]: endpointText(endpoint) }),
    leave: () => keeper.annotate({ [leavingAnnotation]: "true" }),
    release: async (routesStay) => {
      stop.abort();
      keeper.annotate({ [routesStayAnnotation]: `${routesStay}` });
      await renewing;
    },
  };
}
