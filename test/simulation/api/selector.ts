import type { ApiObject } from "./object.ts";

/** Which objects of a collection a request is about. */
export type Admits = (object: ApiObject) => boolean;

type Term = (object: ApiObject) => boolean;

/** By namespace, by labels (`a=b,c=d`) and by `metadata.name`; other field selectors are not modelled. */
export function selectorOf({
  namespace,
  query,
}: {
  readonly namespace: string | undefined;
  readonly query: URLSearchParams;
}): Admits {
  const terms: Term[] = namespace === undefined ? [] : [({ metadata }) => metadata.namespace === namespace];
  for (const [label, value] of pairs(query.get("labelSelector")))
    terms.push(({ metadata }) => metadata.labels?.[label] === value);
  for (const [field, value] of pairs(query.get("fieldSelector"))) {
    if (field !== "metadata.name") throw new Error(`field selector ${field} is not modelled`);
    terms.push(({ metadata }) => metadata.name === value);
  }
  return (object) => terms.every((term) => term(object));
}

function pairs(text: string | null): readonly (readonly [string, string])[] {
  return (text ?? "")
    .split(",")
    .filter((each) => each !== "")
    .map((each): readonly [string, string] => {
      const [name = "", value = ""] = each.split("=");
      return [name, value];
    });
}
