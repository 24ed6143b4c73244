import type { KubeObject } from "../test/lab/api-client.ts";

/** A class that nobody serves: what a Service costs without Herald. */
export const bareClass = "bench.example/none";

/** Where Services are made and found. */
export const servicesPath = "/api/v1/namespaces/default/services";

/** Where claims are made and found. */
export const claimsPath = "/apis/herald.dev/v1beta1/vipadvertisements";

/** A Service as the API server answers it, as far as the bench looks. */
export type ServiceObject = KubeObject & {
  readonly status: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip: string }[] } };
};

/** What a Service of the bench asks for. */
export type ServiceWish = {
  readonly name: string;
  /** Default: Herald's default class. */
  readonly loadBalancerClass?: string;
  /** Herald's own annotation; it sends the Service through Herald's admission webhook too. */
  readonly pool?: string;
  /** Found by the pool that selects this value of the label `check`. */
  readonly check?: "Off" | "Routed";
  /** Given, the API server need not look for a free one, which takes it longer the more are taken. */
  readonly clusterIP?: string;
  readonly selector?: Readonly<Record<string, string>>;
};

/** A Service of type LoadBalancer with one TCP port, no node port and, unless given, no selector: nothing else works for it. */
export function serviceObject({ name, pool, check, selector, ...spec }: ServiceWish): object {
  const annotations = pool === undefined ? {} : { annotations: { "herald.dev/pool": pool } };
  const ports = [{ name: "http", port: 80, protocol: "TCP" }];
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, labels: { bench: "true", ...(check && { check }) }, ...annotations },
    spec: { type: "LoadBalancer", allocateLoadBalancerNodePorts: false, ports, ...spec, ...(selector && { selector }) },
  };
}

/** Nothing is remembered, so that each measurement begins with an empty ledger. */
const reuse = { rememberFor: "0s", coolDownFor: "0s" };

/** An IPPool with these ranges that is announced by BGP alone, for Services that have the label for it. */
export function routedPoolObject(name: string, addresses: readonly string[]): object {
  const services = { serviceSelector: { matchLabels: { check: "Routed" } } };
  return {
    apiVersion: "herald.dev/v1beta1",
    kind: "IPPool",
    metadata: { name },
    spec: { addresses, reuse, announcement: { bgp: {} }, services },
  };
}

/** An IPPool with these ranges; one without the check for conflicts is for Services that have the label for it. */
export function poolObject(name: string, addresses: readonly string[], conflictCheck: "On" | "Off"): object {
  const services = { serviceSelector: { matchLabels: { check: "Off" } } };
  return {
    apiVersion: "herald.dev/v1beta1",
    kind: "IPPool",
    metadata: { name },
    spec: { addresses, reuse, announcement: { arp: { conflictCheck } }, ...(conflictCheck === "Off" && { services }) },
  };
}

/** The address number `i` of 10.201.0.0/16, from which no pool of the bench gives. */
export function bareAddress(i: number): string {
  return `10.201.${(i >> 8) & 255}.${i & 255}`;
}

/** The cluster IP number `i`, from the end of the lab's range, where the API server itself hands out none at first. */
export function clusterAddress(i: number): string {
  return `10.96.${254 - (i >> 8)}.${i & 255}`;
}

/** The claim of an address as Herald's controller writes it. */
export function claimObject(address: string, { metadata }: ServiceObject): object {
  return {
    apiVersion: "herald.dev/v1beta1",
    kind: "VIPAdvertisement",
    metadata: { name: address.replaceAll(".", "-") },
    spec: {
      address,
      pool: "",
      services: [{ namespace: "default", name: metadata.name, uid: metadata.uid }],
      trafficPolicy: "Cluster",
      announcement: { arp: { interfaces: [], mode: "Responder", conflictCheck: "Off" } },
      group: "",
      node: "",
    },
  };
}

/** The merge patch that writes the address into the Service's own fields. */
export function fieldsPatch(address: string, { metadata: { uid, resourceVersion } }: KubeObject): object {
  const annotations = { "herald.dev/allocated": address };
  return { metadata: { uid, resourceVersion, annotations }, spec: { loadBalancerIP: address } };
}

/** The strategic merge patch that writes it into the Service's status. */
export function statusPatch(address: string, { metadata: { uid, resourceVersion } }: KubeObject): object {
  const lastTransitionTime = new Date().toISOString().replace(/\.\d+/, "");
  const common = { status: "True", observedGeneration: 0, lastTransitionTime };
  const conditions = [
    { type: "herald.dev/Allocated", reason: "Allocated", message: `${address} from pool bench`, ...common },
    { type: "herald.dev/Announced", reason: "Announced", message: "nodes answer for all addresses", ...common },
  ];
  const loadBalancer = { ingress: [{ ip: address, ipMode: "VIP" }] };
  return { metadata: { uid, resourceVersion }, status: { loadBalancer, conditions } };
}

/** The claim with a status that says who holds it, for a PUT. */
export function claimStatusObject({ metadata: { name, uid, resourceVersion } }: KubeObject, service: string): object {
  const lastTransitionTime = new Date().toISOString().replace(/\.\d+/, "");
  const condition = { status: "True", reason: "Announced", message: "announced by node1", lastTransitionTime };
  const conditions = ["Ready", "Announced"].map((type) => ({ type, ...condition }));
  return {
    apiVersion: "herald.dev/v1beta1",
    kind: "VIPAdvertisement",
    metadata: { name, uid, resourceVersion },
    status: { holder: "node1", service: `default/${service}`, protocol: "ARP", history: [], conditions },
  };
}
