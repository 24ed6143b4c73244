import { fieldsOf, type Manifest, textOf } from "../manifest.ts";
import { type Note, note } from "./imported.ts";

/** One pool of a ConfigMap of the kube-vip cloud provider. */
export type PoolKey = {
  readonly key: string;
  /** Whose Services it serves; `global`: those of all other namespaces. */
  readonly scope: string;
  readonly form: "cidr" | "range";
  /** The pieces between commas. What the value looks like decides, not its key: with a "/" it is a list of CIDRs. */
  readonly pieces: readonly string[];
  readonly cidrs: boolean;
};

/** The scope of what is for every namespace without an own pool. */
export const globalScope = "global";

const keyed = /^(cidr|range)-(.+)$/;

/** The pools of a ConfigMap, and a note for each key that holds no address. */
export function poolKeys(object: Manifest): { readonly keys: readonly PoolKey[]; readonly notes: readonly Note[] } {
  const all = Object.entries(fieldsOf(object.data)).flatMap(([key, value]) => poolKey(key, textOf(value) ?? ""));
  const empty = all.filter(({ pieces }) => pieces.length === 0);
  return {
    keys: all.filter(({ pieces }) => pieces.length > 0),
    notes: empty.map(({ key }) => note(object, `data.${key}`, "is empty: no pool comes of it")),
  };
}

const settings = new Set(["skip-end-ips-in-cidr", "search-order"]);

/** A note for each key that no part of the import reads. */
export function unknownKeys(object: Manifest): readonly Note[] {
  return Object.keys(fieldsOf(object.data))
    .filter((key) => !settings.has(key) && !/^(?:cidr|range|interface|allow-share)-./.test(key))
    .map((key) => note(object, `data.${key}`, "is not known, and not carried over"));
}

function poolKey(key: string, text: string): readonly PoolKey[] {
  const [, form, scope] = keyed.exec(key) ?? [];
  if (form === undefined || scope === undefined) return [];
  const pieces = text.split(",").map((piece) => piece.trim());
  const cidrs = text.includes("/");
  return [
    { key, scope, form: form === "cidr" ? form : "range", pieces: pieces.filter((piece) => piece !== ""), cidrs },
  ];
}

/**
 * The pools that are used: of each scope the CIDRs if there are any, else the ranges; the others never gave an address, and
 * a note says so.
 */
export function usedKeys(
  object: Manifest,
  keys: readonly PoolKey[],
): { readonly used: readonly PoolKey[]; readonly notes: readonly Note[] } {
  const hidden = keys.filter(
    ({ form, scope }) => form === "range" && keys.some((other) => other.form === "cidr" && other.scope === scope),
  );
  const used = keys.filter((key) => !hidden.includes(key));
  const overruled = used.filter(({ form, scope }) => form === "range" && scope !== globalScope && hasGlobalCidr(used));
  return {
    used,
    notes: [
      ...hidden.map(({ key, scope }) =>
        note(object, `data.${key}`, `was never used, because there is cidr-${scope}: left out`),
      ),
      ...overruled.map(({ key, scope }) => note(object, `data.${key}`, overruledBy(scope))),
    ],
  };
}

function hasGlobalCidr(keys: readonly PoolKey[]): boolean {
  return keys.some(({ form, scope }) => form === "cidr" && scope === globalScope);
}

function overruledBy(namespace: string): string {
  return `was never used, because cidr-global came first; from now on new Services of namespace ${namespace} get its addresses, and those there are keep theirs`;
}

const truths = new Set(["1", "t", "T", "TRUE", "true", "True"]);

/** Whether a switch of the ConfigMap is on for a scope: its own key, else the global one. */
export function switchFor(object: Manifest, prefix: string, scope: string): boolean {
  return truths.has(settingFor(object, prefix, scope) ?? "");
}

/** The value of a key for a scope: its own, else the global one. */
export function settingFor(object: Manifest, prefix: string, scope: string): string | undefined {
  const data = fieldsOf(object.data);
  return textOf(data[`${prefix}-${scope}`]) ?? textOf(data[`${prefix}-${globalScope}`]);
}
