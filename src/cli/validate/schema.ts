import { promises as files } from "node:fs";
import { join } from "node:path";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { fieldsOf, listOf, textOf } from "../manifest.ts";
import { type Path, readDocuments } from "../yaml-documents.ts";
import type { Code } from "./codes.ts";
import type { Remark } from "./finding.ts";

/** The schemas of Herald's own kinds, by `group/version/kind`. */
export type Schemas = ReadonlyMap<string, (object: unknown) => readonly Remark[]>;

const folder = join(import.meta.dirname, "../../../crds");

/**
 * Compiles the schemas of crds/. Rules in CEL are no part of them: the parsers of src/api check the same.
 * @throws {Error} if crds/ is not beside src/
 */
export async function loadSchemas(): Promise<Schemas> {
  const names = (await files.readdir(folder)).filter((name) => name.endsWith(".yaml"));
  const texts = await Promise.all(names.map((name) => files.readFile(join(folder, name), "utf8")));
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, verbose: true });
  ajv.addKeyword({ keyword: mapKeys, type: "array", validate: uniqueByKeys, errors: false });
  return new Map(texts.flatMap((text) => schemasIn(text, ajv)));
}

function schemasIn(text: string, ajv: Ajv): readonly [string, (object: unknown) => readonly Remark[]][] {
  return readDocuments(text).documents.flatMap(({ value }) => {
    const { group, names, versions } = fieldsOf(fieldsOf(value).spec);
    if (group !== "herald.dev") return [];
    return listOf(versions).map((each): [string, (object: unknown) => readonly Remark[]] => {
      const version = fieldsOf(each);
      const validate = ajv.compile(closed(fieldsOf(version.schema).openAPIV3Schema) as object);
      return [
        `${group}/${textOf(version.name)}/${textOf(fieldsOf(names).kind)}`,
        (object) => remarks(validate, object),
      ];
    });
  });
}

const mapKeys = "x-kubernetes-list-map-keys";

/**
 * The schema as JSON Schema sees it: where properties are listed no others are allowed, sets have no value twice, and an
 * int32 is bounded. The API server checks metadata by rules of its own.
 */
function closed(schema: unknown, depth = 0): unknown {
  if (Array.isArray(schema)) return schema.map((each) => closed(each, depth));
  if (typeof schema !== "object" || schema === null) return schema;
  const copied = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value, depth + 1)]));
  const fields = fieldsOf(schema);
  return {
    ...("properties" in schema && typeof fields.type === "string" && { additionalProperties: false }),
    ...(fields["x-kubernetes-list-type"] === "set" && { uniqueItems: true }),
    ...(fields.format === "int32" && { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 }),
    ...copied,
    ...(depth === 0 && { properties: { ...fieldsOf(copied.properties), metadata: {} } }),
  };
}

function uniqueByKeys(keys: unknown, items: unknown): boolean {
  const seen = listOf(items).map((item) => JSON.stringify(listOf(keys).map((key) => fieldsOf(item)[String(key)])));
  return new Set(seen).size === seen.length;
}

/** Of a value of the wrong type nothing else is said. */
function remarks(validate: ValidateFunction, object: unknown): readonly Remark[] {
  if (validate(object)) return [];
  const errors = validate.errors ?? [];
  const mistyped = new Set(errors.filter(({ keyword }) => keyword === "type").map(({ instancePath }) => instancePath));
  return errors.filter((each) => each.keyword === "type" || !mistyped.has(each.instancePath)).map(remark);
}

/** How an error of a keyword is said; ajv's own words for all others, which are about sizes. */
const sayings: Readonly<Record<string, { readonly code: Code; readonly say: (error: ErrorObject) => string }>> = {
  additionalProperties: { code: "UnknownField", say: () => "is not known" },
  required: { code: "MissingField", say: () => "is required" },
  type: { code: "WrongType", say: ({ data, params }) => `is ${shown(data)}, expected ${params.type}${hint(data)}` },
  enum: {
    code: "UnknownValue",
    say: ({ data, params }) => `${shown(data)} is none of ${listOf(params.allowedValues).join(", ")}`,
  },
  pattern: { code: "WrongForm", say: ({ data, parentSchema }) => `${shown(data)}: ${describedIn(parentSchema)}` },
  uniqueItems: { code: "DuplicateValue", say: ({ message }) => message ?? "has an entry twice" },
  [mapKeys]: {
    code: "DuplicateValue",
    say: ({ parentSchema }) => `two entries have the same ${listOf(parentSchema?.[mapKeys]).join(", ")}`,
  },
};

function remark(error: ErrorObject): Remark {
  const { code, say } = sayings[error.keyword] ?? { code: "OutOfBounds", say: ({ message }) => message ?? "is wrong" };
  const { additionalProperty, missingProperty } = error.params;
  const path = error.instancePath.split("/").slice(1).map(step);
  if (typeof missingProperty === "string") path.push(missingProperty);
  if (typeof additionalProperty !== "string") return { code, path, message: say(error) };
  return { code, path: [...path, additionalProperty], at: "key", message: say(error) };
}

function hint(value: unknown): string {
  return typeof value === "boolean" ? ": write On and Off, yes and no in quotes" : "";
}

/** JSON pointers (RFC 6901) write indices like names. */
function step(text: string): Path[number] {
  const name = text.replaceAll("~1", "/").replaceAll("~0", "~");
  return /^\d+$/.test(name) ? Number(name) : name;
}

const longestShown = 60;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}

function describedIn(schema: unknown): string {
  return textOf(fieldsOf(schema).description) ?? "another form";
}
