import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { reviewPoolDeletion } from "../../../src/api/pool-deletion.ts";
import { formatProblems } from "../../../src/api/problem.ts";
import { type AdvertisementObject, advertisementObject } from "../../../src/api/vip-advertisement.ts";
import { advertisement, released, service } from "../../support/builders.ts";

const web = service({ key: "shop/web" });

function held(text: string, changes: Parameters<typeof advertisement>[1] = { owner: web }): AdvertisementObject {
  return advertisementObject(advertisement(text, changes));
}

function review(
  advertisements: readonly AdvertisementObject[],
  annotations: Record<string, string> = {},
): { problems: string; warnings: string } {
  const object = { metadata: { name: "public", annotations }, spec: { addresses: ["203.0.113.0/24"] } };
  const { problems, warnings } = reviewPoolDeletion(object, advertisements);
  return { problems: formatProblems(problems), warnings: formatProblems(warnings) };
}

const expected =
  'metadata.annotations[herald.dev/force]: expected "true" to delete pool public while Services hold its addresses, which they would keep: ';

describe("deleting a pool", () => {
  const free = [
    { name: "that never gave an address", advertisements: [] },
    { name: "whose addresses are only remembered", advertisements: [held("203.0.113.7", { released: released(web) })] },
    { name: "whose addresses are about to be deleted", advertisements: [held("203.0.113.7", {})] },
    { name: "beside one that is in use", advertisements: [held("203.0.113.7", { owner: web, pool: "other" })] },
    { name: "while an address of no pool is in use", advertisements: [held("203.0.113.7", { owner: web, pool: "" })] },
    {
      name: "while the ledger has something that cannot be read",
      advertisements: [{ ...held("203.0.113.7"), metadata: { name: "web" } }],
    },
  ];
  for (const { name, advertisements } of free)
    it(`${name} is allowed`, () => assert.deepEqual(review(advertisements), { problems: "", warnings: "" }));

  it("is refused while a Service holds an address of it, naming both", () => {
    assert.equal(review([held("203.0.113.7")]).problems, `${expected}203.0.113.7 belongs to shop/web`);
  });

  it("names a shared address once, with how many more share it", () => {
    const owners = [web, service({ key: "shop/api" }), service({ key: "blog/web" })];
    const { problems } = review([held("203.0.113.7", { owners })]);
    assert.equal(problems, `${expected}203.0.113.7 belongs to shop/web (+2)`);
  });

  it("names four holders in the order of the addresses, and how many more there are", () => {
    const texts = ["203.0.113.11", "2001:db8::7", "203.0.113.9", "203.0.113.10", "203.0.113.8", "203.0.113.7"];
    const holders = ["7", "8", "9", "10"].map((octet) => `203.0.113.${octet} belongs to shop/web`);
    assert.equal(review(texts.map((text) => held(text))).problems, `${expected}${holders.join(", ")} and 2 more`);
  });

  it("is allowed with a warning if the pool is annotated to be deleted by force", () => {
    assert.deepEqual(review([held("203.0.113.7")], { "herald.dev/force": "true" }), {
      problems: "",
      warnings:
        "metadata.annotations[herald.dev/force]: pool public goes, its Services keep what they hold: 203.0.113.7 belongs to shop/web",
    });
  });

  for (const value of ["", "false", "True", "yes"])
    it(`is not forced by "${value}"`, () => {
      assert.notEqual(review([held("203.0.113.7")], { "herald.dev/force": value }).problems, "");
    });
});
