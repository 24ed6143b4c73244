import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { defaultBgp } from "../../../src/api/bgp-announcement.ts";
import {
  type AdvertisementSpec,
  type AdvertisementStatus,
  advertisementObject,
  advertisementStatusObject,
  parseAdvertisement,
} from "../../../src/api/vip-advertisement.ts";
import type { Address } from "../../../src/net/address.ts";
import { address, sharingTerms } from "../../support/builders.ts";

const spec: AdvertisementSpec = {
  address: address("2001:db8:5::7"),
  pool: "public",
  services: [{ namespace: "shop", name: "web", uid: "u" }],
  trafficPolicy: "Local",
  announcement: {
    nodeSelector: { matchLabels: { edge: "" }, matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] },
    arp: { interfaces: ["eth0"], mode: "Address", conflictCheck: "Off" },
  },
  group: "lan-1",
  node: "node2",
};

const anyAddress: fc.Arbitrary<Address> = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((value) => ({ family: 4 as const, value })),
  fc.bigInt({ min: 2n ** 64n, max: 2n ** 128n - 1n }).map((value) => ({ family: 6 as const, value })),
);

/** The advertisement that is read from what is written for a specification. */
function readBack(changes: Partial<AdvertisementSpec>): Partial<AdvertisementSpec> {
  const parsed = parseAdvertisement(advertisementObject({ ...spec, ...changes }));
  return "value" in parsed ? parsed.value : assert.fail(JSON.stringify(parsed.problems));
}

describe("who shall announce an address by BGP", () => {
  const announcement = { bgp: defaultBgp };

  it("is every eligible node while no announcers are named, and nobody if there are none", () => {
    for (const announcers of [["node1", "node2"], []])
      assert.deepEqual(readBack({ announcement, announcers }).announcers, announcers);
    assert.equal("announcers" in readBack({ announcement }), false);
  });

  it("is not written of an address that is not announced by BGP", () => {
    assert.equal("announcers" in readBack({ announcers: ["node1"] }), false);
  });

  it("is told with the status, if it is announced so", () => {
    const status = { holder: "node1", service: "", protocol: "BGP", history: [], conditions: [] } as const;
    assert.deepEqual(advertisementStatusObject({ ...status, holders: ["node1"] }).holders, ["node1"]);
    assert.equal("holders" in advertisementStatusObject(status), false);
  });
});

describe("where an advertisement's address may be", () => {
  it("is every member while no candidates are named, and nobody if there are none", () => {
    for (const candidates of [["node1", "node2"], []])
      assert.deepEqual(readBack({ candidates }).candidates, candidates);
    assert.equal("candidates" in readBack({}), false);
    assert.equal("candidates" in advertisementObject(spec).spec, false);
  });

  it("remembers that there was a ready endpoint", () => {
    assert.equal(readBack({ readySeen: true }).readySeen, true);
    assert.equal("readySeen" in readBack({}), false);
  });
});

describe("who holds an advertisement's address", () => {
  const web = { namespace: "shop", name: "web", uid: "u" };
  const api = { namespace: "shop", name: "api", uid: "v" };
  const local = sharingTerms({ namespaces: ["*"], ports: [], policy: "Local", selector: "app=web" });

  it("is read back with the terms on which they share, in the order of joining", () => {
    const services = [
      { ...web, terms: sharingTerms() },
      { ...api, terms: local },
    ];
    assert.deepEqual(readBack({ services }).services, services);
  });

  it("is written without a word of sharing if they do not", () => {
    const [member] = advertisementObject({ ...spec, services: [web] }).spec.services ?? [];
    assert.deepEqual(member, web);
    assert.deepEqual(readBack({ services: [web] }).services, [web]);
  });

  it("shares nothing with an empty key, and has the poorest terms with a key alone", () => {
    const object = advertisementObject(spec);
    const services = [
      { ...web, key: "", ports: ["TCP/80"] },
      { ...api, key: "front" },
    ];
    const parsed = parseAdvertisement({ ...object, spec: { ...object.spec, services } });
    assert.deepEqual("value" in parsed && parsed.value.services, [web, { ...api, terms: sharingTerms({ ports: [] }) }]);
  });

  it("is remembered with the second in which it was released", () => {
    const released = { ...web, atMs: Date.UTC(2026, 0, 31, 12, 0, 7) };
    const object = advertisementObject({ ...spec, services: [], released });
    assert.deepEqual(object.spec.released, { ...web, at: "2026-01-31T12:00:07Z" });
    const read = readBack({ services: [], released });
    assert.deepEqual([read.services, read.released], [[], released]);
  });

  it("is not read if it was released at no time", () => {
    const object = advertisementObject({ ...spec, services: [] });
    const parsed = parseAdvertisement({ ...object, spec: { ...object.spec, released: { ...web, at: "noon" } } });
    assert.deepEqual(parsed, {
      problems: [{ path: "spec.released.at", message: '"noon" is no time, expected RFC 3339' }],
    });
  });
});

describe("an advertisement", () => {
  it("is read back as it was written, whatever its address", () => {
    fc.assert(
      fc.property(anyAddress, (any) => {
        const parsed = parseAdvertisement(advertisementObject({ ...spec, address: any }));
        assert.ok("value" in parsed);
        const { name, uid, resourceVersion, generation, createdMs, status, ...rest } = parsed.value;
        assert.deepEqual(rest, { ...spec, address: any });
      }),
    );
  });

  it("has the address as its name", () => {
    assert.equal(advertisementObject(spec).metadata.name, "2001-0db8-0005-0000-0000-0000-0000-0007");
    assert.equal(advertisementObject({ ...spec, address: address("203.0.113.7") }).metadata.name, "203-0-113-7");
  });

  it("is put in the place of what was seen, if that is given", () => {
    const seen = { name: "x", uid: "u", resourceVersion: "7" };
    const { metadata } = advertisementObject({ ...spec, address: address("203.0.113.7") }, seen);
    assert.deepEqual(metadata, { name: "203-0-113-7", uid: "u", resourceVersion: "7" });
  });

  it("is refused under another name", () => {
    const parsed = parseAdvertisement({ ...advertisementObject(spec), metadata: { name: "203-0-113-7" } });
    assert.deepEqual(parsed, {
      problems: [{ path: "metadata.name", message: "is not the address, 2001-0db8-0005-0000-0000-0000-0000-0007" }],
    });
  });

  it("is refused without an address", () => {
    const parsed = parseAdvertisement({ metadata: { name: "x" }, spec: { address: "203.0.113.07" } });
    assert.deepEqual(parsed, { problems: [{ path: "spec.address", message: '"203.0.113.07" is no IP address' }] });
  });

  it("has the status that was written, and an empty one before", () => {
    const status: AdvertisementStatus = {
      observedGeneration: 2,
      holder: "node2",
      service: "shop/web",
      protocol: "NDP",
      history: [{ time: "2026-01-31T12:00:00Z", node: "node2" }],
      conditions: [],
    };
    const empty: AdvertisementStatus = { holder: "", service: "", protocol: "", history: [], conditions: [] };
    const object = advertisementObject(spec);
    for (const want of [status, empty]) {
      const parsed = parseAdvertisement({ ...object, status: advertisementStatusObject(want) });
      assert.deepEqual("value" in parsed && parsed.value.status, want);
    }
    assert.deepEqual(advertisementStatusObject(empty), { history: [], conditions: [] });
  });
});
