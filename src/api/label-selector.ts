/** The labels of an object. */
export type Labels = Readonly<Record<string, string>>;

/** Kubernetes' LabelSelector; an empty one matches everything. */
export type LabelSelector = {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly LabelRequirement[];
};

/** One line of matchExpressions. */
export type LabelRequirement = {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values?: readonly string[];
};

/** Whether labels satisfy every part of the selector; as in Kubernetes, `NotIn` also matches a label that is absent. */
export function selectorMatches(selector: LabelSelector, labels: Labels): boolean {
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labelValue(labels, key) === value);
  return equal && (selector.matchExpressions ?? []).every((requirement) => requirementMatches(requirement, labels));
}

function requirementMatches({ key, operator, values = [] }: LabelRequirement, labels: Labels): boolean {
  const value = labelValue(labels, key);
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}

/** Only the object's own labels: `constructor` is a key that a selector may name, and every object has something of that name. */
function labelValue(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** A selector as an object holds it: what the generated types ask for is mutable. */
export type SelectorObject = {
  matchLabels?: { [key: string]: string };
  matchExpressions?: { key: string; operator: LabelRequirement["operator"]; values?: string[] }[];
};

/** The selector to write into an object. */
export function selectorObject({ matchLabels, matchExpressions }: LabelSelector): SelectorObject {
  const labels = matchLabels === undefined ? {} : { matchLabels: { ...matchLabels } };
  if (matchExpressions === undefined) return labels;
  return {
    ...labels,
    matchExpressions: matchExpressions.map(({ values, ...rest }) =>
      values === undefined ? rest : { ...rest, values: [...values] },
    ),
  };
}
