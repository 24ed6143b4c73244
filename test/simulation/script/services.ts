import type { Random } from "../random.ts";
import { namespaces, poolNames } from "./names.ts";
import { anyAddress } from "./pools.ts";

type Annotations = Record<string, string | null>;

const annotationMakers: readonly (readonly [number, (random: Random) => Annotations])[] = [
  [3, (random) => ({ "herald.dev/addresses": anyAddress(random) })],
  [2, () => ({ "herald.dev/addresses": null })],
  [1, (random) => ({ "metallb.io/loadBalancerIPs": random.chance(0.5) ? anyAddress(random) : null })],
  [1, (random) => ({ "herald.dev/addresses": `${anyAddress(random)},${anyAddress(random)}` })],
  [2, (random) => ({ "herald.dev/pool": random.pick(poolNames) })],
  [1, (random) => ({ "herald.dev/pool": `${random.pick(poolNames)},${random.pick(poolNames)}` })],
  [2, () => ({ "herald.dev/pool": null })],
  [4, (random) => ({ "herald.dev/sharing-key": random.pick(["one", "two"]) })],
  [2, () => ({ "herald.dev/sharing-key": null })],
  [2, (random) => ({ "herald.dev/share-with-namespaces": random.pick(["*", ...namespaces, null]) })],
];

/** A change of annotations that ask for something; null takes one away. */
export function anyAnnotations(random: Random): Annotations {
  return random.weighted(annotationMakers)(random);
}

type Spec = Readonly<Record<string, unknown>>;

const specMakers: readonly (readonly [number, (random: Random) => Spec])[] = [
  [4, (random) => ({ type: random.pick(["ClusterIP", "LoadBalancer", "LoadBalancer"]) })],
  [3, (random) => ({ loadBalancerIP: random.chance(0.7) ? anyAddress(random) : null })],
  [3, (random) => anyFamilies(random)],
  [3, (random) => ({ ports: anyPorts(random) })],
  [2, (random) => ({ externalTrafficPolicy: random.pick(["Cluster", "Local"]) })],
  [1, (random) => ({ selector: { app: random.pick(["a", "b"]) } })],
];

/** A change of a Service's spec, as a merge patch. */
export function anySpecChange(random: Random): Spec {
  return random.weighted(specMakers)(random);
}

function anyFamilies(random: Random): Spec {
  return random.pick([
    { ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv4"] },
    { ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv6"] },
    { ipFamilyPolicy: "PreferDualStack", ipFamilies: ["IPv4", "IPv6"] },
    { ipFamilyPolicy: "PreferDualStack", ipFamilies: ["IPv6", "IPv4"] },
    { ipFamilyPolicy: "RequireDualStack", ipFamilies: ["IPv4", "IPv6"] },
  ]);
}

function anyPorts(random: Random): readonly object[] {
  const protocols = random.pick([["TCP"], ["UDP"], ["TCP", "UDP"]]);
  return protocols.map((protocol) => ({ name: protocol.toLowerCase(), protocol, port: random.pick([53, 80, 443]) }));
}

/** A Service as somebody writes it: most ask for nothing. */
export function anyService(random: Random, name: string): object {
  const annotations = random.chance(0.45) ? present(anyAnnotations(random)) : {};
  const spec = {
    type: random.chance(0.9) ? "LoadBalancer" : "ClusterIP",
    ...(random.chance(0.1) ? { loadBalancerClass: random.pick(["herald.dev/vip", "example.com/other"]) } : {}),
    ...(random.chance(0.3) ? anyFamilies(random) : {}),
    ...(random.chance(0.1) ? { loadBalancerIP: anyAddress(random) } : {}),
    ...(random.chance(0.3) ? { externalTrafficPolicy: "Local" } : {}),
    selector: { app: random.pick(["a", "b"]) },
    ports: anyPorts(random),
  };
  const finalizers = random.chance(0.1) ? { finalizers: ["example.com/slow"] } : {};
  return { metadata: { name, annotations, labels: { tier: random.pick(["gold", "lead"]) }, ...finalizers }, spec };
}

function present(annotations: Annotations): Annotations {
  return Object.fromEntries(Object.entries(annotations).filter(([, value]) => value !== null));
}
