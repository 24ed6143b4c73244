/** A Kubernetes object as a manifest or the API server has it; nothing in it has been checked. */
export type Manifest = {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: unknown;
  readonly spec?: unknown;
  readonly data?: unknown;
  readonly [field: string]: unknown;
};

/** What is known of an unchecked value, one step at a time; what has another shape than asked for counts as absent. */
export type Fields = Readonly<Record<string, unknown>>;

const nothing: Fields = {};

/** The value as a map; an empty one if it is none. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : nothing;
}

/** The value as a list; an empty one if it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Those entries of a list that are texts. */
export function textsOf(value: unknown): readonly string[] {
  return listOf(value).filter((each) => typeof each === "string");
}

/** The value as a text; undefined if it is none or empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The values of a map that are texts; numbers and booleans, which YAML makes of unquoted ones, become texts again. */
export function labelsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fieldsOf(value)).flatMap(([key, each]) =>
      ["string", "number", "boolean"].includes(typeof each) ? [[key, String(each)]] : [],
    ),
  );
}

/** An object's name; empty if it has none. */
export function nameOf({ metadata }: Manifest): string {
  return textOf(fieldsOf(metadata).name) ?? "";
}

/** An object's namespace; empty if it has none. */
export function namespaceOf({ metadata }: Manifest): string {
  return textOf(fieldsOf(metadata).namespace) ?? "";
}

/** The group of an object's apiVersion; empty for the core group. */
export function groupOf({ apiVersion }: Manifest): string {
  const text = textOf(apiVersion) ?? "";
  return text.includes("/") ? text.slice(0, text.indexOf("/")) : "";
}

/** `Kind namespace/name`, as messages call an object. */
export function titleOf(manifest: Manifest): string {
  const namespace = namespaceOf(manifest);
  const name = nameOf(manifest) || "without a name";
  return `${textOf(manifest.kind) ?? "object"} ${namespace === "" ? name : `${namespace}/${name}`}`;
}
