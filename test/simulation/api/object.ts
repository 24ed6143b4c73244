import type { Condition } from "../../../src/api/condition.ts";

/** Any object, as it travels. */
export type ApiObject = {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: Metadata;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
};

/** What every object has. */
export type Metadata = {
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
  readonly ownerReferences?: readonly { readonly uid: string }[];
};

/** A Service, as far as the simulation looks at it. */
export type ServiceObject = ApiObject & {
  readonly spec: {
    readonly type?: string;
    readonly loadBalancerClass?: string;
    readonly loadBalancerIP?: string;
    readonly ipFamilyPolicy?: string;
    readonly ipFamilies?: readonly string[];
    readonly externalTrafficPolicy?: string;
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly { readonly protocol?: string; readonly port: number }[];
  };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] };
    readonly conditions?: readonly Condition[];
  };
};

/** One entry of a VIPAdvertisement's `services`. */
export type MemberObject = {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly key?: string;
  readonly namespaces?: readonly string[];
  readonly ports?: readonly string[];
  readonly policy?: string;
  readonly selector?: string;
};

/** A VIPAdvertisement, as far as the simulation looks at it. */
export type LedgerObject = ApiObject & {
  readonly spec: {
    readonly address: string;
    readonly pool?: string;
    readonly services?: readonly MemberObject[];
    readonly released?: {
      readonly namespace: string;
      readonly name: string;
      readonly uid: string;
      readonly at: string;
    };
    readonly node?: string;
    readonly group?: string;
  };
};

/** An IPPool, as far as the simulation looks at it. */
export type PoolObject = ApiObject & {
  readonly spec: {
    readonly addresses: readonly string[];
    readonly exclude?: readonly string[];
    readonly paused?: boolean;
    readonly reservations?: readonly { readonly address: string; readonly namespace: string; readonly name: string }[];
    readonly limits?: { readonly perNamespace?: number };
    readonly reuse?: { readonly rememberFor?: string; readonly coolDownFor?: string; readonly coolDown?: string };
  };
};

/** A VIPNode, as far as the simulation looks at it. */
export type VipNodeObject = ApiObject & {
  readonly status?: {
    readonly announcing?: readonly { readonly protocol: string; readonly addresses: readonly string[] }[];
  };
};

/** The key of an object in its collection: `namespace/name`, or `name`. */
export function keyOf({ namespace, name }: { readonly namespace?: string | undefined; readonly name: string }): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

const texts = new WeakMap<object, string>();

/** An object as JSON; made once. */
export function jsonOf(object: object): string {
  let text = texts.get(object);
  if (text === undefined) {
    text = JSON.stringify(object);
    texts.set(object, text);
  }
  return text;
}
