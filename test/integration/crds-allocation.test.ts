import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { ControlPlane } from "../lab/control-plane.ts";
import { startWithCrds, verdict } from "../support/crd-plane.ts";

let plane: ControlPlane;

before(async () => {
  plane = await startWithCrds();
});
after(() => plane?.stop());

const ofPool = (spec: object): Promise<string> =>
  verdict(plane, "IPPool", "public", { addresses: ["192.0.2.0/24"], ...spec });

function reserving(...addresses: readonly string[]): object {
  return { reservations: addresses.map((address) => ({ address, namespace: "shop", name: "web" })) };
}

function reservingFor(service: object): object {
  return { reservations: [{ address: "192.0.2.7", namespace: "shop", name: "web", ...service }] };
}

function manyAddresses(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
}

describe("an IPPool's reservations, limits and reuse", () => {
  const wrong: readonly (readonly [what: string, spec: object, message: RegExp])[] = [
    [
      "a reservation for what is no address",
      reserving("192.0.2.07"),
      /reservations\[0\]\.address: .*expected an address:/,
    ],
    ["a reservation for a range", reserving("192.0.2.0/28"), /reservations\[0\]\.address: .*expected an address:/],
    ["an address reserved twice", reserving("192.0.2.7", "192.0.2.7"), /reservations\[1\]: Duplicate value/],
    ["an address reserved in two ways", reserving("2001:db8::7", "2001:DB8::7"), /an address may be reserved once/],
    ["257 reservations", reserving(...manyAddresses(257)), /spec\.reservations: Too many/],
    [
      "a reservation for nobody",
      { reservations: [{ address: "192.0.2.7" }] },
      /reservations\[0\]\.name: Required value/,
    ],
    ["a reservation for an impossible name", reservingFor({ name: "We b" }), /reservations\[0\]\.name: Invalid value/],
    ["a reservation for an impossible namespace", reservingFor({ namespace: "-" }), /\[0\]\.namespace: Invalid value/],
    ["a limit of none", { limits: { perNamespace: 0 } }, /limits\.perNamespace: .*greater than or equal to 1/],
    ["an unknown limit", { limits: { perCluster: 1 } }, /unknown field "spec\.limits\.perCluster"/],
    ["an unknown cool-down", { reuse: { coolDown: "Never" } }, /reuse\.coolDown: Unsupported value: "Never"/],
    ...["1d", "24", "1.5h", "-1h", "30m1h", "500ms", "h1", "8761h", "8760h1s", "9999h", "99999h"].map(
      (text) =>
        [`a memory of ${text}`, { reuse: { rememberFor: text } }, /reuse\.rememberFor: .*expected hours/] as const,
    ),
    ["a rest of a day", { reuse: { coolDownFor: "1d" } }, /reuse\.coolDownFor: .*expected hours, minutes and seconds/],
    ["a memory of nothing", { reuse: { rememberFor: "" } }, /reuse\.rememberFor: .*at least 2 chars/],
  ];
  for (const [what, spec, message] of wrong)
    it(`may not have ${what}`, async () => assert.match(await ofPool(spec), message));

  const taken: readonly (readonly [what: string, spec: object])[] = [
    ["256 reservations of both families", reserving("2001:DB8::7", ...manyAddresses(255))],
    ["a limit of one", { limits: { perNamespace: 1 } }],
    ["no limits in particular", { limits: {} }],
    ...["0s", "5m", "24h", "1h30m", "1h0m7s", "8760h", "31536000s"].map(
      (text) => [`a memory and a rest of ${text}`, { reuse: { rememberFor: text, coolDownFor: text } }] as const,
    ),
  ];
  for (const [what, spec] of taken) it(`may have ${what}`, async () => assert.equal(await ofPool(spec), ""));
});

describe("a VIPAdvertisement", () => {
  const at = "2026-01-31T12:00:00Z";
  const web = { namespace: "shop", name: "web", uid: "u" };
  const terms = { key: "front", namespaces: ["*"], ports: ["TCP/80", "UDP/53"], policy: "Local", selector: "app=web" };
  const members: readonly (readonly [what: string, spec: object, message: RegExp])[] = [
    ["members with the terms on which they share are taken", { services: [{ ...web, ...terms }] }, /^$/],
    ["members without terms are taken", { services: [web, { ...web, name: "api" }] }, /^$/],
    ["the same member twice is refused", { services: [web, web] }, /services\[1\]: Duplicate value/],
    ["a port of no protocol is refused", { services: [{ ...web, ports: ["80"] }] }, /ports\[0\]: Invalid value/],
    ["a port twice is refused", { services: [{ ...web, ports: ["TCP/80", "TCP/80"] }] }, /ports\[1\]: Duplicate value/],
    ["an unknown policy is refused", { services: [{ ...web, policy: "Any" }] }, /policy: Unsupported value: "Any"/],
    ["an over-long key is refused", { services: [{ ...web, key: "k".repeat(254) }] }, /key: Too long/],
    ["the last holder is taken where nobody holds it", { released: { ...web, at } }, /^$/],
    ["the last holder is taken with an empty list", { services: [], released: { ...web, at } }, /^$/],
    [
      "a last holder besides one is refused",
      { services: [web], released: { ...web, at } },
      /only there while services is/,
    ],
    ["a last holder without a time is refused", { released: web }, /spec\.released\.at: Required value/],
    ["a last holder at no time is refused", { released: { ...web, at: "noon" } }, /spec\.released\.at: Invalid value/],
  ];
  for (const [what, spec, message] of members) {
    it(`of which ${what}`, async () => {
      const whole = { address: "203.0.113.7", ...spec };
      assert.match(await verdict(plane, "VIPAdvertisement", "203-0-113-7", whole), message);
    });
  }
});
