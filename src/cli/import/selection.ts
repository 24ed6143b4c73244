import type { Services } from "../../api/generated/ippool-v1beta1.ts";
import { type LabelRequirement, type LabelSelector, selectorObject } from "../../api/label-selector.ts";
import { anyOf, namespaceNameLabel, selectorOf } from "./selectors.ts";

/** Which Services a pool admits; `services` is absent for all. Otherwise why Herald cannot say the same. */
export type Selection = { readonly services?: Services } | { readonly problem: string };

/** Lists of conditions of which at least one must hold; absent: no condition. */
type Alternatives = readonly (readonly LabelRequirement[])[];

/** A selection of Services by conditions on their namespace and on themselves, both of which must hold. */
export function selectionOf(namespaces: Alternatives | undefined, services: Alternatives | undefined): Selection {
  const byNamespace = namespaces === undefined ? {} : anyOf(namespaces);
  if (byNamespace === undefined)
    return { problem: "several selectors of namespaces have no one selector that says the same" };
  const byService = services === undefined ? {} : anyOf(services);
  if (byService === undefined)
    return { problem: "several selectors of Services have no one selector that says the same" };
  const result: Services = { ...namespacePart(byNamespace.selector), ...servicePart(byService.selector) };
  return Object.keys(result).length === 0 ? {} : { services: result };
}

function servicePart(selector: LabelSelector | undefined): Services {
  return selector === undefined ? {} : { serviceSelector: selectorObject(selector) };
}

/** A condition on the namespace's name alone is a list of names. */
function namespacePart(selector: LabelSelector | undefined): Services {
  if (selector === undefined) return {};
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const named = matchLabels[namespaceNameLabel];
  const listed = matchExpressions.filter(({ key, operator }) => key === namespaceNameLabel && operator === "In");
  const [only] = listed;
  if (named === undefined && listed.length !== 1) return { namespaceSelector: selectorObject(selector) };
  const { [namespaceNameLabel]: _, ...labels } = matchLabels;
  const rest = selectorOf([
    ...Object.entries(labels).map(([key, value]) => ({ key, operator: "In" as const, values: [value] })),
    ...matchExpressions.filter((each) => each !== only || named !== undefined),
  ]);
  const namespaces = named === undefined ? [...(only?.values ?? [])] : [named];
  return { namespaces, ...(rest !== undefined && { namespaceSelector: selectorObject(rest) }) };
}

/** The condition that a namespace has one of these names. */
export function namespaceIn(names: readonly string[]): LabelRequirement {
  return { key: namespaceNameLabel, operator: "In", values: [...new Set(names)].sort() };
}
