import type { Address, Family } from "../net/address.ts";
import { parseAllocated, parseAsks } from "./annotations.ts";
import type { AnnouncementOverrides } from "./announcement-override.ts";
import type { Condition } from "./condition.ts";
import type { Labels } from "./label-selector.ts";
import { createdMs, type ObjectMeta } from "./object-meta.ts";
import type { Problem } from "./problem.ts";
import { parseTerms, parseTraffic, type SharedSpec, type SharedTraffic, type SharingTerms } from "./sharing.ts";
import type { TrafficPolicy } from "./vip-advertisement.ts";

/** A Service as the planners see it; parsed once per resourceVersion. */
export type Service = {
  /** `namespace/name` */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly createdMs: number;
  /** Being deleted: it keeps its addresses until it is gone, and gets no new one. */
  readonly terminating: boolean;
  readonly type: string;
  readonly loadBalancerClass?: string;
  readonly labels: Labels;
  readonly ipFamilyPolicy: "SingleStack" | "PreferDualStack" | "RequireDualStack";
  /** In `spec.ipFamilies` order; empty: the cluster's first. */
  readonly ipFamilies: readonly Family[];
  readonly trafficPolicy: TrafficPolicy;
  /** `spec.loadBalancerIP` as written; empty if absent. */
  readonly loadBalancerIP: string;
  readonly asks: ServiceAsks;
  /** On which terms it shares an address; absent: it does not. */
  readonly terms?: SharingTerms;
  /** What it would share; only while its annotations are not understood and may have said that it does. */
  readonly traffic?: SharedTraffic;
  /** What Herald last wrote into the annotation `herald.dev/allocated`; undefined if it is absent. */
  readonly allocated?: readonly Address[];
  /** `status.loadBalancer.ingress` as written. */
  readonly ingress: readonly Ingress[];
  /** Who else than Herald wrote the ingress as it is, if the API server says so. */
  readonly ingressManager?: string;
  readonly conditions: readonly Condition[];
};

/** One entry of `status.loadBalancer.ingress`. */
export type Ingress = { readonly ip?: string; readonly hostname?: string; readonly ipMode?: string };

/** What a Service's annotations ask for, Herald's own and those of the systems that it replaces. */
export type ServiceAsks = {
  /** Pools by name, in order of preference, at most 16; undefined: no wish. */
  readonly pools?: readonly string[];
  /** The addresses wanted, each once, at most 16; undefined: none asked for by annotation. */
  readonly addresses?: readonly Address[];
  /** What it sets of its pool's announcement; undefined: nothing. */
  readonly overrides?: AnnouncementOverrides;
  /** What is wrong with the annotations, or too large to be shared; a Service with problems gets nothing new and keeps what it holds. */
  readonly problems: readonly Problem[];
};

/** A Service as the API server has it, as far as Herald reads it. */
export type ServiceObject = {
  readonly metadata: ObjectMeta;
  readonly spec?: ServiceSpecObject;
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly loadBalancer?: { readonly ingress?: readonly Ingress[] };
  };
};

/** Its spec; the API server has set the defaults. */
export type ServiceSpecObject = SharedSpec & {
  readonly type?: string;
  readonly loadBalancerClass?: string;
  readonly loadBalancerIP?: string;
  readonly ipFamilyPolicy?: string;
  readonly ipFamilies?: readonly string[];
  readonly externalTrafficPolicy?: string;
};

const noLabels: Labels = {};

/** The Service that an object describes. The API server has checked it; only what annotations ask for can be wrong (`asks.problems`). */
export function parseService({ metadata, spec = {}, status = {} }: ServiceObject): Service {
  const { name, namespace = "", uid = "", resourceVersion = "", generation, labels = noLabels } = metadata;
  const allocated = parseAllocated(metadata.annotations);
  const trafficPolicy = spec.externalTrafficPolicy === "Local" ? "Local" : "Cluster";
  return {
    key: `${namespace}/${name}`,
    namespace,
    name,
    uid,
    resourceVersion,
    ...(generation !== undefined && { generation }),
    createdMs: createdMs(metadata),
    terminating: metadata.deletionTimestamp !== undefined,
    type: spec.type ?? "ClusterIP",
    ...(spec.loadBalancerClass !== undefined && { loadBalancerClass: spec.loadBalancerClass }),
    labels,
    ipFamilyPolicy: familyPolicy(spec.ipFamilyPolicy),
    ipFamilies: (spec.ipFamilies ?? []).map((family) => (family === "IPv6" ? 6 : 4)),
    trafficPolicy,
    loadBalancerIP: spec.loadBalancerIP ?? "",
    ...parseAsksAndTerms(metadata.annotations, spec, trafficPolicy),
    ...(allocated !== undefined && { allocated }),
    ingress: status.loadBalancer?.ingress ?? [],
    conditions: status.conditions ?? [],
  };
}

function parseAsksAndTerms(
  annotations: Labels | undefined,
  spec: ServiceSpecObject,
  policy: TrafficPolicy,
): Pick<Service, "asks" | "terms" | "traffic"> {
  const { sharing, ...asks } = parseAsks(annotations);
  if (sharing === undefined)
    return asks.problems.length === 0 ? { asks } : { asks, traffic: parseTraffic(spec, policy) };
  const parsed = parseTerms(sharing, spec, policy);
  if ("terms" in parsed) return { asks, terms: parsed.terms };
  const problems = [...asks.problems, ...parsed.problems];
  return { asks: { ...asks, problems }, traffic: parseTraffic(spec, policy) };
}

function familyPolicy(text: string | undefined): Service["ipFamilyPolicy"] {
  return text === "PreferDualStack" || text === "RequireDualStack" ? text : "SingleStack";
}
