import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Crd, fields, heraldCrds, type Schema } from "./manifests.ts";

function schemaOf(crd: Crd): Schema {
  return crd.spec.versions[0].schema.openAPIV3Schema;
}

function at(crd: Crd, ...path: readonly string[]): Schema | undefined {
  return path.reduce<Schema | undefined>((schema, name) => schema?.properties?.[name], schemaOf(crd));
}

for (const crd of heraldCrds()) {
  describe(`the schema of ${crd.spec.names.kind}`, () => {
    const all = fields(schemaOf(crd));
    const spec = all.filter(({ path }) => path.startsWith("spec."));
    const failing = (wrong: (schema: Schema) => boolean, among = all): readonly string[] =>
      among.filter(({ schema }) => wrong(schema)).map(({ path }) => path);

    it("says of every field what it means", () => {
      assert.ok(all.length > 5);
      assert.deepEqual(
        failing(({ description = "" }) => description.length < 8),
        [],
      );
    });

    it("says of every default what it is, and gives every simple field of the spec an example", () => {
      const untold = failing(
        ({ default: value, description = "" }) => value !== undefined && !description.includes("Default: "),
      );
      assert.deepEqual(untold, []);
      const simple = ({ type }: Schema): boolean => type !== "object";
      assert.deepEqual(
        failing((schema) => simple(schema) && !schema.description?.includes("Example: "), spec),
        [],
      );
    });

    it("bounds every list, map and text", () => {
      assert.deepEqual(
        failing(({ type, maxItems }) => type === "array" && maxItems === undefined),
        [],
      );
      assert.deepEqual(
        failing(
          ({ additionalProperties, maxProperties }) => Boolean(additionalProperties) && maxProperties === undefined,
        ),
        [],
      );
      const own = all.filter(({ path }) => path.includes("."));
      assert.deepEqual(
        failing((schema) => schema.type === "string" && !(schema.maxLength || schema.enum || schema.format), own),
        [],
      );
    });

    it("is found by kubectl get herald", () => {
      assert.equal(crd.spec.scope, "Cluster");
      assert.deepEqual(crd.spec.names.categories, ["herald"]);
    });
  });
}

describe("the schemas together", () => {
  const [peers, pools, advertisements, , nodes] = heraldCrds();

  it("have the same announcement in a pool and in the advertisement that copies it", () => {
    assert.ok(pools && advertisements);
    const strip = (schema: Schema | undefined) => ({ ...schema, description: "" });
    const [copied, original] = [at(advertisements, "spec", "announcement"), at(pools, "spec", "announcement")];
    assert.deepEqual(strip(copied), strip(original));
    assert.deepEqual(original?.default, { arp: {} });
  });

  it("have conditions of one shape", () => {
    assert.ok(peers && pools && advertisements && nodes);
    const shapes = [pools, advertisements, nodes, peers].map((crd) => {
      const items = at(crd, "status", "conditions")?.items;
      return Object.entries(items?.properties ?? {}).map(([name, { description, ...rest }]) => [name, rest]);
    });
    assert.equal(shapes[0]?.length, 6);
    assert.deepEqual(shapes[1], shapes[0]);
    assert.deepEqual(shapes[2], shapes[0]);
    assert.deepEqual(shapes[3], shapes[0]);
  });

  it("show the columns that people look for", () => {
    const columns = heraldCrds().map(({ spec: { names, versions } }) => [
      names.plural,
      versions[0].additionalPrinterColumns
        ?.filter(({ priority = 0 }) => priority === 0)
        .map(({ name }) => name.toUpperCase())
        .join(" "),
    ]);
    assert.deepEqual(columns, [
      ["bgppeers", "ADDRESS ASN LOCAL-ASN SESSIONS READY AGE"],
      ["ippools", "ADDRESSES AUTO PRIORITY IPV4-FREE IPV6-FREE READY AGE"],
      ["vipadvertisements", "ADDRESS POOL SERVICE PROTOCOL HOLDER READY AGE"],
      ["vipgroups", "LAN MEMBERS WITNESS EPOCH AGE"],
      ["vipnodes", "ADDRESSES GROUPS DRAIN DRAINED AGE"],
    ]);
  });
});
