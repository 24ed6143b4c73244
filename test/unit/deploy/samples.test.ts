import assert from "node:assert/strict";
import { it } from "node:test";
import { Ajv } from "ajv";
import { type PeerObject, parsePeer } from "../../../src/api/bgp-peer.ts";
import { type PoolObject, parsePool } from "../../../src/api/ip-pool.ts";
import { parseService, type ServiceObject } from "../../../src/api/service.ts";
import { heraldCrds, type Manifest, manifests } from "./manifests.ts";

type Sample = Manifest & { readonly spec: object };

const samples = manifests<Sample>("samples");

function schemaFor({ apiVersion, kind }: Manifest): object | undefined {
  const crd = heraldCrds().find(
    ({ spec }) => `${spec.group}/${spec.versions[0].name}` === apiVersion && spec.names.kind === kind,
  );
  return crd?.spec.versions[0].schema.openAPIV3Schema;
}

/** The API server refuses fields that the schema does not have; JSON schema does so only where it is told. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return "properties" in schema ? { additionalProperties: false, ...entries } : entries;
}

function schemaErrors(sample: Sample): unknown {
  const schema = closed(schemaFor(sample)) as { properties: object };
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const validate = ajv.compile({ ...schema, properties: { ...schema.properties, metadata: {} } });
  return validate(sample) ? [] : validate.errors;
}

for (const sample of samples.filter(({ apiVersion }) => apiVersion.startsWith("herald.dev/"))) {
  it(`the sample ${sample.kind} ${sample.metadata.name} is valid by its schema and by what Herald reads in it`, () => {
    assert.deepEqual(schemaErrors(sample), []);
    const parsed =
      sample.kind === "BGPPeer"
        ? parsePeer(sample as unknown as PeerObject)
        : parsePool(sample as unknown as PoolObject);
    assert.deepEqual("value" in parsed ? parsed.warnings : parsed.problems, []);
  });
}

it("a sample with a mistyped field would be found", () => {
  const [sample] = samples.filter(({ kind }) => kind === "IPPool");
  assert.ok(sample);
  assert.notDeepEqual(schemaErrors({ ...sample, spec: { ...sample.spec, adresses: [] } }), []);
});

it("every sample Service is of type LoadBalancer and asks for a pool that is among the samples", () => {
  const services = samples.filter(({ kind }) => kind === "Service").map((each) => parseService(each as ServiceObject));
  const pools = samples.filter(({ kind }) => kind === "IPPool").map(({ metadata }) => metadata.name);
  assert.equal(services.length, 4);
  for (const { type, asks } of services) {
    assert.equal(type, "LoadBalancer");
    assert.deepEqual(asks.problems, []);
    assert.ok(asks.pools?.every((name) => pools.includes(name)));
  }
});
