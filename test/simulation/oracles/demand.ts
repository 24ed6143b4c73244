import type { ServiceObject } from "../api/object.ts";

/** The class that Herald serves besides Services without one. */
const ownClass = "herald.dev/vip";

/** Whether Herald is to serve the Service. */
export function isHandled(service: ServiceObject | undefined): service is ServiceObject {
  if (service?.spec.type !== "LoadBalancer") return false;
  const { loadBalancerClass } = service.spec;
  return loadBalancerClass === undefined || loadBalancerClass === ownClass;
}

const asking = /^(herald\.dev\/(addresses|pool|sharing-key|share-with-namespaces)|metallb\.io\/.*)$/;

const asksOfService = new WeakMap<ServiceObject, string>();

/** Everything by which a Service's owner says what he wants, as text: another text, another wish. */
export function asksOf(service: ServiceObject): string {
  let text = asksOfService.get(service);
  if (text === undefined) {
    text = asksText(service);
    asksOfService.set(service, text);
  }
  return text;
}

function asksText(service: ServiceObject): string {
  const { type, loadBalancerClass, ipFamilies, ipFamilyPolicy, loadBalancerIP, ports, selector } = service.spec;
  const { externalTrafficPolicy } = service.spec;
  const annotations = Object.entries(service.metadata.annotations ?? {}).filter(([key]) => asking.test(key));
  const shares = annotations.some(([key]) => key === "herald.dev/sharing-key");
  const own = shownAnnotation(service).includes(loadBalancerIP ?? "") ? "" : loadBalancerIP;
  const terms = shares ? [ports, selector, externalTrafficPolicy] : [];
  return JSON.stringify([type, loadBalancerClass, ipFamilies, ipFamilyPolicy, own, annotations.sort(), terms]);
}

/** The addresses that Herald has written into the Service's annotation. */
export function shownAnnotation({ metadata }: ServiceObject): readonly string[] {
  const text = metadata.annotations?.["herald.dev/allocated"];
  return text === undefined ? [] : text.split(",");
}

/** The addresses of the Service's ingress. */
export function shownIngress({ status }: ServiceObject): readonly string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]));
}
