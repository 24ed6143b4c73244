import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { advertisementStatus, rememberedStatus } from "../../../src/controller/advertisement-status.ts";
import { advertisement, noonMs, released, service } from "../../support/builders.ts";

const web = service();
const announced = { holder: "node1", reason: "Announced", message: "announced by node1" };
const silent = { holder: "", reason: "NodeDown", message: "the agent on node1 does not run" };

it("says who holds the address, whose it is and by which protocol", () => {
  const status = advertisementStatus(advertisement("192.0.2.1", { owner: web, generation: 3 }), announced, 0);
  assert.deepEqual(
    [status?.holder, status?.service, status?.protocol, status?.observedGeneration],
    ["node1", "shop/web", "ARP", 3],
  );
  assert.deepEqual(
    status?.conditions.map(({ type, status: is }) => `${type}=${is}`),
    ["Ready=True", "Announced=True", "Conflict=False"],
  );
  assert.equal(advertisementStatus(advertisement("2001:db8::1", { owner: web }), announced, 0)?.protocol, "NDP");
});

it("has nothing to add once it was said", () => {
  const given = advertisement("192.0.2.1", { owner: web });
  const status = advertisementStatus(given, announced, 0) ?? assert.fail();
  assert.equal(advertisementStatus({ ...given, status }, announced, 99_000), undefined);
});

it("keeps the last 8 holders, and does not count an outage as one", () => {
  let given = advertisement("192.0.2.1", { owner: web });
  for (let i = 0; i < 10; i++) {
    for (const state of [{ ...announced, holder: `node${i}` }, silent]) {
      given = { ...given, status: advertisementStatus(given, state, i * 1000) ?? given.status };
    }
  }
  assert.deepEqual(
    given.status.history.map(({ node }) => node),
    [2, 3, 4, 5, 6, 7, 8, 9].map((i) => `node${i}`),
  );
  assert.equal(given.status.history.at(-1)?.time, "1970-01-01T00:00:09Z");
  assert.equal(given.status.holder, "");
});

it("shortens the text of its Services to 120 characters, and counts those that are left out", () => {
  const refs = ["a", "b", "c"].map((name) => ({ namespace: "n".repeat(63), name: name.repeat(63), uid: name }));
  const status = advertisementStatus(advertisement("192.0.2.1", { services: refs }), announced, 0);
  assert.equal(status?.service.length, 120);
  assert.ok(status.service.endsWith(" (+2)"));
});

it("a conflict is a condition of its own, and the address may be announced all the same", () => {
  const conflict = "node1: 02:00:00:00:00:99 answers for it";
  const status = advertisementStatus(advertisement("192.0.2.1", { owner: web }), { ...announced, conflict }, 0);
  const [ready, , found] = status?.conditions ?? [];
  assert.deepEqual([ready?.status, found?.status, found?.message], ["True", "True", conflict]);
});

describe("an address that is only remembered", () => {
  const given = advertisement("192.0.2.1", { released: released(web) });
  const status = rememberedStatus(given, noonMs) ?? assert.fail();

  it("says who held it and until when, and begins a new history", () => {
    assert.deepEqual([status.holder, status.service, status.history], ["", "(shop/web)", []]);
    assert.deepEqual(
      status.conditions.map(({ type, status: is, reason }) => `${type}=${is} ${reason}`),
      ["Ready=True Remembered", "Announced=False Remembered", "Conflict=False Remembered"],
    );
    assert.equal(status.conditions[0]?.message, "nobody holds it; shop/web held it until 2026-01-31T12:00:00Z");
  });

  it("has nothing to add once it was said", () => {
    assert.equal(rememberedStatus({ ...given, status }, noonMs + 99_000), undefined);
  });
});
