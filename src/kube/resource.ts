/** T as it travels in JSON: every time is RFC 3339 text, where client-node's own deserialiser would make a Date of it. */
export type Json<T> = T extends Date
  ? string
  : T extends readonly (infer E)[]
    ? Json<E>[]
    : T extends object
      ? { [K in keyof T]: Json<T[K]> }
      : T;

/** The least that any Kubernetes object has. */
export type KubeObject = {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
};

/** What the API server adds to every object that it has stored. */
export type LiveMeta = {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
};

/** T as the API server answers it. */
export type Live<T> = T & { readonly metadata: LiveMeta };

/** Where a kind lives in the API; `group` is "" for the core group. `example` is never set: it carries the type of the objects. */
export type Resource<T extends KubeObject = KubeObject> = {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly example?: T;
};

/** One object of a resource; `namespace` is absent for cluster-scoped ones. */
export type Ref = { readonly namespace?: string | undefined; readonly name: string };

/** `group/version`, or `version` for the core group. */
export function apiVersion(resource: Resource): string {
  return resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
}

/** The path of a collection, in one namespace or, without one, everywhere. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const root = resource.group === "" ? "/api" : `/apis/${resource.group}`;
  const scope = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}/${resource.version}${scope}/${resource.plural}`;
}

/** The path of one object, or of its subresource such as "status". */
export function objectPath(resource: Resource, ref: Ref, subresource?: string): string {
  const path = `${collectionPath(resource, ref.namespace)}/${encodeURIComponent(ref.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** The key of an object in a store: `namespace/name`, or `name` for cluster-scoped ones. */
export function objectKey(ref: Ref): string {
  return ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`;
}
