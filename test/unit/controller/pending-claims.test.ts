import assert from "node:assert/strict";
import { it } from "node:test";
import { PendingClaims } from "../../../src/controller/pending-claims.ts";
import { advertisement, service } from "../../support/builders.ts";

const web = service();
const stored = [advertisement("192.0.2.1", { owner: web })];
const claim = advertisement("192.0.2.2", { owner: web });

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
  const answered = [...stored, claim];
  assert.deepEqual(claims.over(answered), answered);
});
