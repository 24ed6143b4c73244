import { parseAddress } from "../../net/address.ts";
import { fieldsOf, labelsOf, listOf, type Manifest, nameOf, namespaceOf, textOf } from "../manifest.ts";
import { type Note, note, type ServiceAnnotations } from "./imported.ts";

/** The Services of type LoadBalancer among objects. */
export function loadBalancers(objects: readonly Manifest[]): readonly Manifest[] {
  return objects.filter(
    ({ apiVersion, kind, spec }) => apiVersion === "v1" && kind === "Service" && fieldsOf(spec).type === "LoadBalancer",
  );
}

/** An object's annotations. */
export function annotationsOf({ metadata }: Manifest): Readonly<Record<string, string>> {
  return labelsOf(fieldsOf(metadata).annotations);
}

/** The addresses that a Service shows in its status; without one those of an annotation, separated by commas. */
export function shownAddresses(service: Manifest, annotation?: string): readonly string[] {
  const ingress = listOf(fieldsOf(fieldsOf(service.status).loadBalancer).ingress);
  const shown = ingress.flatMap((each) => textOf(fieldsOf(each).ip) ?? []);
  if (shown.length > 0 || annotation === undefined) return shown;
  const texts = (annotationsOf(service)[annotation] ?? "").split(",").map((each) => each.trim());
  return texts.filter((each) => parseAddress(each) !== undefined);
}

/** Notes on what of a system's own Herald does not do for a Service: its class, and annotations with an effect that is lost. */
export function serviceNotes(
  services: readonly Manifest[],
  classes: (name: string) => boolean,
  lost: Readonly<Record<string, string>>,
): readonly Note[] {
  return services.flatMap((service) => {
    const given = annotationsOf(service);
    const ownClass = textOf(fieldsOf(service.spec).loadBalancerClass);
    const message = "a class never changes: create the Service anew, with herald.dev/vip or without a class";
    return [
      ...(ownClass !== undefined && classes(ownClass)
        ? [note(service, "spec.loadBalancerClass", `${ownClass}: ${message}`)]
        : []),
      ...Object.entries(lost)
        .filter(([key]) => given[key] !== undefined)
        .map(([key, meaning]) => note(service, `metadata.annotations[${key}]`, meaning)),
    ];
  });
}

/** What a Service needs to be a member of a group that shares an address: the key, and consent to the other namespaces. */
export function sharingAnnotations(members: readonly Manifest[], key: string): readonly ServiceAnnotations[] {
  const namespaces = [...new Set(members.map(namespaceOf))].sort();
  return members.map((member) => {
    const others = namespaces.filter((each) => each !== namespaceOf(member));
    const consent = others.length === 0 ? {} : { "herald.dev/share-with-namespaces": others.join(",") };
    const annotations = { "herald.dev/sharing-key": key, ...consent };
    return { namespace: namespaceOf(member), name: nameOf(member), annotations };
  });
}

/**
 * What Services need that share by a key which counts across namespaces, as MetalLB's and PureLB's: Herald reads the key
 * itself, but namespaces must consent to one another. Nothing for a key that is used in one namespace only.
 */
export function consentAnnotations(
  services: readonly Manifest[],
  keys: readonly string[],
): readonly ServiceAnnotations[] {
  const keyOf = (service: Manifest): string => keys.map((key) => annotationsOf(service)[key]).find(Boolean) ?? "";
  const groups = Object.groupBy(
    services.filter((each) => keyOf(each) !== ""),
    keyOf,
  );
  return Object.entries(groups).flatMap(([key, members = []]) =>
    new Set(members.map(namespaceOf)).size > 1 ? sharingAnnotations(members, key) : [],
  );
}
