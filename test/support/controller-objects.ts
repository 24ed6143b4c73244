import type { ControlPlane } from "../lab/control-plane.ts";
import { eventually } from "./eventually.ts";

type Condition = { readonly type: string; readonly status: string; readonly reason: string; readonly message: string };

/** A Service as the tests look at it. */
export type ServiceObject = {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly type: string; readonly loadBalancerIP?: string };
  readonly status: {
    readonly loadBalancer: { readonly ingress?: readonly { readonly ip?: string; readonly ipMode?: string }[] };
    readonly conditions?: readonly Condition[];
  };
};

/** A VIPAdvertisement as the tests look at it. */
export type AdvertisementObject = {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly spec: {
    readonly address: string;
    readonly pool: string;
    readonly node: string;
    readonly services: readonly { readonly namespace: string; readonly name: string; readonly uid: string }[];
  };
  readonly status?: { readonly holder?: string; readonly service?: string; readonly conditions?: readonly Condition[] };
};

/** An Event as the tests look at it. */
export type EventObject = {
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly reason: string;
  readonly message: string;
  readonly type: string;
};

const herald = "/apis/herald.dev/v1beta1";

/** What the tests do with the objects of a cluster. */
export type ClusterObjects = ReturnType<typeof objectsOf>;

/** Calls the API server as a person would. */
export function objectsOf({ api }: ControlPlane) {
  const path = (name: string): string => {
    const [namespace, bare] = name.includes("/") ? name.split("/") : ["default", name];
    return `/api/v1/namespaces/${namespace}/services/${bare}`;
  };
  const service = (name: string): Promise<ServiceObject> => api.call("GET", path(name));
  const list = async <T>(collection: string): Promise<readonly T[]> =>
    (await api.call<{ items: readonly T[] }>("GET", collection)).items;
  return {
    service,
    services: (): Promise<readonly ServiceObject[]> => list("/api/v1/services"),
    /** Of the addresses that Services hold; what is only remembered is apart. */
    advertisements: async (): Promise<readonly AdvertisementObject[]> =>
      (await list<AdvertisementObject>(`${herald}/vipadvertisements`)).filter(({ spec }) => spec.services.length > 0),
    remembered: async (): Promise<readonly AdvertisementObject[]> =>
      (await list<AdvertisementObject>(`${herald}/vipadvertisements`)).filter(({ spec }) => spec.services.length === 0),
    events: (): Promise<readonly EventObject[]> => list("/api/v1/events"),
    createNamespace: (name: string, labels: Readonly<Record<string, string>> = {}): Promise<unknown> =>
      api.call("POST", "/api/v1/namespaces", { metadata: { name, labels } }),
    createPool: (name: string, addresses: readonly string[], spec: object = {}): Promise<unknown> =>
      api.call("POST", `${herald}/ippools`, {
        apiVersion: "herald.dev/v1beta1",
        kind: "IPPool",
        metadata: { name },
        spec: { addresses, ...spec },
      }),
    patchPool: (name: string, patch: object): Promise<unknown> => api.call("PATCH", `${herald}/ippools/${name}`, patch),
    deletePool: (name: string): Promise<unknown> => api.call("DELETE", `${herald}/ippools/${name}`),
    pool: <T>(name: string): Promise<T> => api.call("GET", `${herald}/ippools/${name}`),
    createService: (name: string, spec: object = {}, annotations: object = {}): Promise<ServiceObject> =>
      api.call("POST", path(name).replace(/\/[^/]+$/, ""), {
        metadata: { name: name.split("/").at(-1), annotations },
        spec: { type: "LoadBalancer", ports: [{ port: 80 }], ...spec },
      }),
    patchService: (name: string, patch: object): Promise<ServiceObject> => api.call("PATCH", path(name), patch),
    patchServiceStatus: (name: string, patch: object): Promise<ServiceObject> =>
      api.call("PATCH", `${path(name)}/status`, patch),
    deleteService: (name: string): Promise<unknown> => api.call("DELETE", path(name)),
    /** Resolves once the Service is as wanted. */
    serviceIs: (name: string, what: string, wanted: (service: ServiceObject) => boolean): Promise<ServiceObject> =>
      eventually(`${name} ${what}`, async () => {
        const now = await service(name);
        return wanted(now) ? now : undefined;
      }),
    /** The addresses of the annotation, once it is there. */
    allocated: (name: string): Promise<readonly string[]> =>
      eventually(`${name} is allocated`, async () => allocatedOf(await service(name))),
    /** The reason for which the Service has no address, once it is told. */
    refusal: (name: string): Promise<Condition> =>
      eventually(`${name} is refused`, async () => {
        const condition = allocatedCondition(await service(name));
        return condition?.status === "False" ? condition : undefined;
      }),
    /** Resolves once the ledger holds nothing for the Service. */
    released: (name: string): Promise<true> =>
      eventually(`${name} is released`, async () => {
        const held: readonly AdvertisementObject[] = await list(`${herald}/vipadvertisements`);
        const full = name.includes("/") ? name : `default/${name}`;
        const mine = held.some(({ spec }) => spec.services.some((each) => `${each.namespace}/${each.name}` === full));
        return mine ? undefined : true;
      }),
  };
}

/** What Herald wrote into the annotation. */
export function allocatedOf({ metadata }: ServiceObject): readonly string[] | undefined {
  return metadata.annotations?.["herald.dev/allocated"]?.split(",");
}

/** The condition herald.dev/Allocated. */
export function allocatedCondition({ status }: ServiceObject): Condition | undefined {
  return status.conditions?.find(({ type }) => type === "herald.dev/Allocated");
}

/** The addresses of the status, in order. */
export function ingressOf({ status }: ServiceObject): readonly (string | undefined)[] {
  return (status.loadBalancer.ingress ?? []).map(({ ip }) => ip);
}
