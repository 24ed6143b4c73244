import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AddressExplanation, explainAddress } from "../../../src/ipam/address-explanation.ts";
import { createDrafter } from "../../../src/ipam/plan.ts";
import {
  address,
  addresses,
  advertisement,
  noonMs,
  pool,
  range,
  released,
  reservation,
  service,
  snapshot,
} from "../../support/builders.ts";

const hourMs = 3_600_000;

const explained = (text: string, parts: Parameters<typeof snapshot>[0]): AddressExplanation =>
  explainAddress(address(text), createDrafter()(snapshot(parts)));

describe("an address that no Service may have", () => {
  const forbidden = [{ range: range("192.0.2.1"), what: "the address of node node1" }];
  const cases = [
    { text: "127.0.0.1", never: "reserved (loopback)" },
    { text: "192.0.2.1", never: "the address of node node1" },
    { text: "192.0.2.2", never: undefined },
  ];
  for (const { text, never } of cases)
    it(`${text} is ${never ?? "not one of them"}`, () => assert.equal(explained(text, { forbidden }).never, never));
});

describe("the pools that cover an address", () => {
  const pools = [
    pool({ name: "low", priority: -1, automatic: false }),
    pool({ name: "buggy", avoidBuggyIPs: true }),
    pool({ name: "holed", exclude: ["192.0.2.0-192.0.2.9"] }),
    pool({ name: "keeps", priority: 1, reservations: [reservation("192.0.2.0", "shop/web")] }),
    pool({ name: "elsewhere", addresses: ["198.51.100.0/24"] }),
  ];

  it("come in order of choice, with what keeps each from giving it", () => {
    const said = explained("192.0.2.0", { pools }).pools.map(({ pool: { name }, excluded, reservedFor }) => {
      return [name, excluded, reservedFor];
    });
    assert.deepEqual(said, [
      ["keeps", undefined, "shop/web"],
      ["buggy", "avoidBuggyIPs", undefined],
      ["holed", "exclude or skipEnds", undefined],
      ["low", undefined, undefined],
    ]);
  });

  it("are none for an address outside all", () => assert.deepEqual(explained("203.0.113.1", { pools }).pools, []));
});

describe("an address that was released", () => {
  const past = advertisement("192.0.2.7", { released: released(service(), noonMs - hourMs) });

  it("says who had it, and until when it is remembered and rests", () => {
    const said = explained("192.0.2.7", { pools: [pool()], advertisements: [past] }).past;
    assert.equal(said?.released.name, "web");
    assert.equal(said?.rememberedUntilMs, noonMs + 23 * hourMs);
    assert.equal(said?.restsUntilMs, noonMs - hourMs + 5 * 60_000);
  });

  it("has no past once that is over", () => {
    const old = advertisement("192.0.2.7", { released: released(service(), noonMs - 25 * hourMs) });
    assert.equal(explained("192.0.2.7", { pools: [pool()], advertisements: [old] }).past, undefined);
  });
});

describe("the Services that want an address", () => {
  const holder = service({ key: "shop/holder", loadBalancerIP: "192.0.2.7", allocated: addresses("192.0.2.7") });
  const advertisements = [advertisement("192.0.2.7", { owner: holder })];
  const others = [
    service({ key: "a/copy", createdMs: 5, allocated: addresses("192.0.2.7"), loadBalancerIP: "192.0.2.7" }),
    service({ key: "a/field", createdMs: 3, loadBalancerIP: "192.0.2.7" }),
    service({ key: "a/annotated", createdMs: 4, asks: { addresses: addresses("192.0.2.7") } }),
    service({ key: "a/foreign", createdMs: 1, loadBalancerClass: "other", ingress: [{ ip: "192.0.2.7" }] }),
    service({ key: "a/plain", createdMs: 2 }),
    service({ key: "a/inside", createdMs: 2, type: "ClusterIP", asks: { addresses: addresses("192.0.2.7") } }),
  ];

  it("are all that ask for it or show it, oldest first, with what they are told; not the one that holds it", () => {
    const said = explained("192.0.2.7", { pools: [pool()], services: [holder, ...others], advertisements }).suitors;
    assert.deepEqual(
      said.map(({ service: { key }, because, outcome }) => [key, because, outcome?.allocated.reason]),
      [
        ["a/foreign", "shows it in its status", undefined],
        ["a/field", "asks for it", "AddressTaken"],
        ["a/annotated", "asks for it", "AddressTaken"],
        ["a/copy", "shows it in herald.dev/allocated", "Allocated"],
      ],
    );
  });
});
