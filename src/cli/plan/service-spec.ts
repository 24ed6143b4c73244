import type { ServiceSpecObject } from "../../api/service.ts";
import type { Family } from "../../net/address.ts";
import { type Fields, fieldsOf, labelsOf, listOf, textOf, textsOf } from "../manifest.ts";

/** What the API server would take from the stored object and from the cluster. */
export type SpecDefaults = {
  /** As stored; absent: the Service is new. */
  readonly stored?: ServiceSpecObject;
  /** Whether the stored `loadBalancerIP` is one that Herald wrote. */
  readonly writtenByHerald: boolean;
  /** Those of the cluster's Service networks, its own first. */
  readonly clusterFamilies: readonly Family[];
};

/** What of a Service's spec Herald reads, as the API server would store it if a manifest with this spec were applied. */
export function storedSpec(
  manifest: Fields,
  { stored, writtenByHerald, clusterFamilies }: SpecDefaults,
): ServiceSpecObject {
  const written = specOf(manifest);
  const { loadBalancerClass, loadBalancerIP, ipFamilyPolicy, ipFamilies } = stored ?? {};
  const kept: ServiceSpecObject = {
    ...(loadBalancerClass !== undefined && { loadBalancerClass }),
    ...(writtenByHerald && loadBalancerIP !== undefined && { loadBalancerIP }),
    ...(ipFamilyPolicy !== undefined && { ipFamilyPolicy }),
    ...(ipFamilies !== undefined && { ipFamilies }),
  };
  const spec = { ...kept, ...written };
  return { ...spec, ...familiesOf(spec, clusterFamilies) };
}

/** What of a manifest's spec is there in the right form. */
function specOf(spec: Fields): ServiceSpecObject {
  const texts = ["type", "loadBalancerClass", "loadBalancerIP", "ipFamilyPolicy", "externalTrafficPolicy"] as const;
  const families = textsOf(spec.ipFamilies);
  return {
    ...Object.fromEntries(texts.flatMap((name) => (textOf(spec[name]) === undefined ? [] : [[name, spec[name]]]))),
    ...(families.length > 0 && { ipFamilies: families }),
    ports: listOf(spec.ports).map(fieldsOf).flatMap(portOf),
    selector: labelsOf(spec.selector),
  };
}

type Port = NonNullable<ServiceSpecObject["ports"]>[number];

function portOf({ port, protocol }: Fields): readonly Port[] {
  if (typeof port !== "number") return [];
  return [{ port, ...(typeof protocol === "string" && { protocol }) }];
}

const names: Readonly<Record<Family, string>> = { 4: "IPv4", 6: "IPv6" };

/** One family if the policy says so, else also the cluster's other one, if it has two. */
function familiesOf(
  { type, ipFamilies = [], ipFamilyPolicy }: ServiceSpecObject,
  clusterFamilies: readonly Family[],
): Pick<ServiceSpecObject, "ipFamilies" | "ipFamilyPolicy"> {
  if (type === "ExternalName") return {};
  const policy = ipFamilyPolicy ?? (ipFamilies.length > 1 ? "RequireDualStack" : "SingleStack");
  const ofCluster = clusterFamilies.map((family) => names[family]);
  const first = ipFamilies[0] ?? ofCluster[0] ?? "IPv4";
  const single = policy === "SingleStack";
  const others = ipFamilies.length > 1 ? ipFamilies.slice(1) : ofCluster.filter((family) => family !== first);
  return { ipFamilyPolicy: policy, ipFamilies: single ? [first] : [first, ...others] };
}
