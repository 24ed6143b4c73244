import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PendingClaims } from "../../../src/controller/pending-claims.ts";
import { advertisement, service, specOf } from "../../support/builders.ts";

const web = service();
const stored = [advertisement("192.0.2.1", { owner: web })];
const made = advertisement("192.0.2.2", { owner: web });
const claim = { spec: specOf(made), left: [] };

it("shows claims that were not answered yet beside what is stored", () => {
  const claims = new PendingClaims();
  assert.equal(claims.over(stored), stored);
  claims.began([claim], 5);
  const all = claims.over(stored);
  assert.deepEqual(
    all.map(({ name, services }) => [name, services.length]),
    [
      ["192-0-2-1", 1],
      ["192-0-2-2", 1],
    ],
  );
  assert.equal(claims.over(stored), all);
  claims.ended([claim]);
  assert.equal(claims.over(stored), stored);
});

it("shows what is stored rather than the claim of the same address", () => {
  const claims = new PendingClaims();
  claims.began([claim], 5);
  const answered = [...stored, made];
  assert.deepEqual(claims.over(answered), answered);
});

describe("a claim over what is there", () => {
  const api = service({ key: "shop/api" });
  const [before] = stored;
  assert.ok(before);
  const takeOver = { spec: specOf(advertisement("192.0.2.1", { owner: api })), before, left: [] };

  it("stands in its place, as the object that it is", () => {
    const claims = new PendingClaims();
    claims.began([takeOver], 5);
    const [now] = claims.over(stored);
    assert.deepEqual(
      [now?.services[0]?.name, now?.uid, now?.resourceVersion],
      ["api", before.uid, before.resourceVersion],
    );
  });

  it("leaves it to whom it is taken from until the answer, so that nothing is concluded about him before", () => {
    const claims = new PendingClaims();
    const [member] = before.services;
    assert.ok(member);
    claims.began([{ ...takeOver, left: [{ member, reason: "NotDemanded" }] }], 5);
    assert.deepEqual(
      claims.over(stored)[0]?.services.map(({ name }) => name),
      [member.name, "api"],
    );
  });

  it("gives way to whatever is newer, and to its deletion", () => {
    const claims = new PendingClaims();
    claims.began([takeOver], 5);
    const newer = [{ ...before, resourceVersion: "2" }];
    assert.deepEqual(claims.over(newer), newer);
    assert.deepEqual(claims.over([]), []);
  });
});
