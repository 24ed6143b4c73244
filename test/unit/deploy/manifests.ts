import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

const root = join(import.meta.dirname, "../../..");

/** The least that the tests read of a manifest. */
export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
};

/** Every object in the YAML files of a folder of the repository. */
export function manifests<T extends Manifest = Manifest>(folder: string): readonly T[] {
  return globSync("*.yaml", { cwd: join(root, folder) })
    .toSorted()
    .flatMap((file) => parseAllDocuments(readFileSync(join(root, folder, file), "utf8")))
    .map((document) => {
      if (document.errors.length > 0) throw new Error(`read ${folder}`, { cause: document.errors[0] });
      return document.toJS() as T;
    });
}

/** One node of an OpenAPI schema. */
export type Schema = {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly maxProperties?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
};

/** A CustomResourceDefinition with its one version. */
export type Crd = Manifest & {
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: { readonly kind: string; readonly plural: string; readonly categories?: readonly string[] };
    readonly versions: readonly [
      {
        readonly name: string;
        readonly subresources?: { readonly status?: object };
        readonly additionalPrinterColumns?: readonly { readonly name: string; readonly priority?: number }[];
        readonly schema: { readonly openAPIV3Schema: Schema };
      },
    ];
  };
};

/** Herald's own CRDs. */
export function heraldCrds(): readonly Crd[] {
  return manifests<Crd>("crds").filter(({ spec }) => spec.group === "herald.dev");
}

/** Every field below a schema, with its path; `apiVersion`, `kind` and `metadata` are Kubernetes' own. */
export function fields(schema: Schema, path = ""): readonly { readonly path: string; readonly schema: Schema }[] {
  const children = [
    ...Object.entries(schema.properties ?? {}).filter(([name]) => path !== "" || name !== "metadata"),
    ...(schema.items ? [["[]", schema.items] as const] : []),
    ...(schema.additionalProperties ? [["{}", schema.additionalProperties] as const] : []),
  ];
  return children.flatMap(([name, child]) => {
    const childPath = path === "" ? name : `${path}.${name}`;
    return [{ path: childPath, schema: child }, ...fields(child, childPath)];
  });
}
