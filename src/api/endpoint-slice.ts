import type { ObjectMeta } from "./object-meta.ts";

/** One EndpointSlice, reduced to where a Service's endpoints are. */
export type EndpointSlice = {
  /** `namespace/name` of the Service it belongs to. */
  readonly service: string;
  readonly endpoints: readonly Endpoint[];
};

/** Where an endpoint runs and whether it may get traffic. Absent conditions mean what Kubernetes says they mean. */
export type Endpoint = {
  readonly node: string;
  readonly ready: boolean;
  /** Serving and terminating: still answers while it shuts down. */
  readonly servingTerminating: boolean;
};

/** An EndpointSlice (discovery.k8s.io/v1) as the API server has it, as far as Herald reads it. */
export type EndpointSliceObject = {
  readonly metadata: ObjectMeta;
  readonly endpoints?: readonly EndpointObject[] | null;
};

/** One of its endpoints. */
export type EndpointObject = {
  readonly nodeName?: string;
  readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
};

const serviceLabel = "kubernetes.io/service-name";

/** The slice that an object describes, or undefined if it belongs to no Service. */
export function parseEndpointSlice({ metadata, endpoints }: EndpointSliceObject): EndpointSlice | undefined {
  const service = metadata.labels?.[serviceLabel];
  if (service === undefined || service === "") return undefined;
  return { service: `${metadata.namespace ?? ""}/${service}`, endpoints: (endpoints ?? []).map(parseEndpoint) };
}

function parseEndpoint({ nodeName = "", conditions = {} }: EndpointObject): Endpoint {
  const { ready = true, terminating = false } = conditions;
  const { serving = ready } = conditions;
  return { node: nodeName, ready, servingTerminating: serving && terminating };
}
