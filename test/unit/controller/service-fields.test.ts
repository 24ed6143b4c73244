import assert from "node:assert/strict";
import { it } from "node:test";
import { type ServiceFields, serviceFields } from "../../../src/controller/service-fields.ts";
import { addresses, service } from "../../support/builders.ts";

type Case = {
  readonly name: string;
  readonly field?: string;
  readonly allocated?: readonly string[];
  readonly held: readonly string[];
  readonly write?: boolean;
  readonly want: ServiceFields | undefined;
};

const a = "192.0.2.1";
const b = "192.0.2.2";
const six = "2001:db8::1";

const cases: readonly Case[] = [
  { name: "a new Service gets both", held: [a], want: { allocated: a, loadBalancerIP: a } },
  { name: "a Service that has both is left alone", field: a, allocated: [a], held: [a], want: undefined },
  {
    name: "the first address goes into the field, all into the annotation",
    held: [a, six],
    want: { allocated: `${a},${six}`, loadBalancerIP: a },
  },
  {
    name: "the field is written anew where it says what Herald last wrote",
    field: a,
    allocated: [a],
    held: [b],
    want: { allocated: b, loadBalancerIP: b },
  },
  { name: "an address that somebody asks for is left alone", field: b, allocated: [a], held: [a], want: undefined },
  { name: "an address that was asked for and given is only noted", field: b, held: [b], want: { allocated: b } },
  { name: "a field that was cleared is written again", allocated: [a], held: [a], want: { loadBalancerIP: a } },
  { name: "an annotation that was removed is written again", field: a, held: [a], want: { allocated: a } },
  {
    name: "a wrong order is put right",
    field: a,
    allocated: [six, a],
    held: [a, six],
    want: { allocated: `${a},${six}` },
  },
  { name: "on release both go", field: a, allocated: [a], held: [], want: { allocated: null, loadBalancerIP: null } },
  { name: "on release somebody else's field stays", field: b, allocated: [a], held: [], want: { allocated: null } },
  { name: "a Service that never had anything is left alone", field: b, held: [], want: undefined },
  { name: "the field can be left out altogether", held: [a], write: false, want: { allocated: a } },
];

for (const { name, field = "", allocated, held, write = true, want } of cases)
  it(name, () => {
    const annotated = allocated === undefined ? {} : { allocated: addresses(...allocated) };
    const given = service({ loadBalancerIP: field, ...annotated });
    assert.deepEqual(serviceFields(given, addresses(...held), { writeLoadBalancerIP: write }), want);
  });
