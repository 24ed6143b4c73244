import type { LabelRequirement, LabelSelector } from "../../api/label-selector.ts";
import { fieldsOf, labelsOf, listOf, textOf, textsOf } from "../manifest.ts";

/** The label that every namespace has, with its name as the value; nobody but the API server sets it. */
export const namespaceNameLabel = "kubernetes.io/metadata.name";

/** A condition on one label; `matchLabels` are conditions of operator In with one value. */
type Requirement = LabelRequirement & { readonly values: readonly string[] };

const operators: readonly string[] = ["In", "NotIn", "Exists", "DoesNotExist"];

/** The conditions of a selector as an object has it; an empty list matches everything, undefined: it cannot be read. */
export function requirementsOf(selector: unknown): readonly Requirement[] | undefined {
  const { matchLabels, matchExpressions } = fieldsOf(selector);
  const labels = Object.entries(labelsOf(matchLabels)).map(([key, value]) => requirement(key, "In", [value]));
  const expressions = listOf(matchExpressions).map((each) => {
    const { key, operator, values } = fieldsOf(each);
    const known = operators.find((name) => name === operator) as LabelRequirement["operator"] | undefined;
    const name = textOf(key);
    return known === undefined || name === undefined ? undefined : requirement(name, known, textsOf(values));
  });
  return expressions.includes(undefined) ? undefined : [...labels, ...(expressions as Requirement[])];
}

function requirement(key: string, operator: Requirement["operator"], values: readonly string[]): Requirement {
  return { key, operator, values: [...new Set(values)].sort() };
}

/** The selector of these conditions, in the plainest form; undefined for none, which matches everything. */
export function selectorOf(requirements: readonly LabelRequirement[]): LabelSelector | undefined {
  if (requirements.length === 0) return undefined;
  const keys = requirements.map(({ key }) => key);
  const isPlain = ({ key, operator, values = [] }: LabelRequirement): boolean =>
    operator === "In" && values.length === 1 && keys.filter((each) => each === key).length === 1;
  const plain = requirements.filter(isPlain).map(({ key, values = [] }): [string, string] => [key, values[0] ?? ""]);
  const rest = requirements
    .filter((each) => !isPlain(each))
    .map(({ key, operator, values = [] }) => (values.length === 0 ? { key, operator } : { key, operator, values }));
  return {
    ...(plain.length > 0 && { matchLabels: Object.fromEntries(plain) }),
    ...(rest.length > 0 && { matchExpressions: rest }),
  };
}

/**
 * One selector that matches what any of several matches, if there is one: they may differ in one condition only, and that
 * one must be In on the same label. `selector` is absent if it matches everything; undefined: there is none.
 */
export function anyOf(
  alternatives: readonly (readonly LabelRequirement[])[],
): { readonly selector?: LabelSelector } | undefined {
  if (alternatives.some((each) => each.length === 0)) return {};
  const [first = [], ...others] = alternatives;
  const common = first.filter((each) => others.every((other) => other.some((one) => same(one, each))));
  const rests = alternatives.map((each) => each.filter((one) => !common.some((shared) => same(shared, one))));
  const merged = rests.some((rest) => rest.length === 0) ? [] : mergedIn(rests);
  if (merged === undefined) return undefined;
  const selector = selectorOf([...common, ...merged]);
  return selector === undefined ? {} : { selector };
}

function mergedIn(rests: readonly (readonly LabelRequirement[])[]): readonly LabelRequirement[] | undefined {
  const key = rests[0]?.[0]?.key;
  const mergeable = rests.every(([one, ...more]) => more.length === 0 && one?.operator === "In" && one.key === key);
  if (!mergeable || key === undefined) return undefined;
  return [
    requirement(
      key,
      "In",
      rests.flatMap(([one]) => one?.values ?? []),
    ),
  ];
}

function same(a: LabelRequirement, b: LabelRequirement): boolean {
  return a.key === b.key && a.operator === b.operator && (a.values ?? []).join() === (b.values ?? []).join();
}
