import { fieldsOf, listOf } from "../manifest.ts";
import type { Path } from "../yaml-documents.ts";
import type { Remark } from "./finding.ts";

/** What the API server's rules say of every selector in a value: In and NotIn need values, other operators have none. */
export function selectorRemarks(value: unknown, path: Path = []): readonly Remark[] {
  if (typeof value !== "object" || value === null) return [];
  const below = Array.isArray(value)
    ? value.flatMap((each, i) => selectorRemarks(each, [...path, i]))
    : Object.entries(value).flatMap(([key, each]) => selectorRemarks(each, [...path, key]));
  return [...requirementRemarks(fieldsOf(value).matchExpressions, path), ...below];
}

function requirementRemarks(expressions: unknown, path: Path): readonly Remark[] {
  return listOf(expressions).flatMap((each, i): readonly Remark[] => {
    const { operator, values } = fieldsOf(each);
    const needed = operator === "In" || operator === "NotIn";
    if (needed === listOf(values).length > 0) return [];
    const message = needed ? `operator ${operator} needs at least one of values` : `operator ${operator} has no values`;
    return [{ code: "InvalidSelector", path: [...path, "matchExpressions", i], message }];
  });
}
