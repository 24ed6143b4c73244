import assert from "node:assert/strict";
import { it } from "node:test";
import { ingressManager, type ManagedFieldsEntry } from "../../../src/api/field-managers.ts";

const ingress = { "f:status": { "f:loadBalancer": { "f:ingress": {} } } };
const conditions = { "f:status": { "f:conditions": { ".": {} } } };
const spec = { "f:spec": { "f:loadBalancerIP": {} } };

type Case = {
  readonly name: string;
  readonly entries: readonly ManagedFieldsEntry[];
  readonly want: string | undefined;
};

const cases: readonly Case[] = [
  { name: "an API server that tells no managers tells nothing", entries: [], want: undefined },
  {
    name: "an ingress that Herald wrote is nobody else's",
    entries: [{ manager: "herald-controller", fieldsV1: ingress }],
    want: undefined,
  },
  {
    name: "whoever wrote it instead is named",
    entries: [
      { manager: "herald-controller", fieldsV1: conditions },
      { manager: "other-balancer", fieldsV1: ingress },
    ],
    want: "other-balancer",
  },
  {
    name: "who shares it with Herald is named",
    entries: [
      { manager: "herald-controller", fieldsV1: ingress },
      { manager: "restore", fieldsV1: ingress },
    ],
    want: "restore",
  },
  {
    name: "who wrote other fields is not",
    entries: [
      { manager: "kubectl", fieldsV1: spec },
      { manager: "other", fieldsV1: conditions },
    ],
    want: undefined,
  },
  { name: "a writer without a name is not told", entries: [{ fieldsV1: ingress }], want: undefined },
  {
    name: "entries without fields are passed over",
    entries: [{ manager: "a" }, { manager: "b", fieldsV1: null }, { manager: "c", fieldsV1: { "f:status": "x" } }],
    want: undefined,
  },
];

for (const { name, entries, want } of cases) it(name, () => assert.equal(ingressManager(entries), want));
