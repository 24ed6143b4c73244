import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Pool } from "../../../src/api/ip-pool.ts";
import type { Service } from "../../../src/api/service.ts";
import { forecast, type ServiceForecast } from "../../../src/controller/forecast.ts";
import { forecastWarnings } from "../../../src/controller/forecast-warnings.ts";
import type { Snapshot } from "../../../src/ipam/snapshot.ts";
import { formatAddress } from "../../../src/net/address.ts";
import { addresses, advertisement, pool, reservation, service, snapshot } from "../../support/builders.ts";

const options = { writeLoadBalancerIP: true };

/** A Service that holds the first of a pool of two addresses, and says so. */
const web = service({ key: "shop/web", allocated: addresses("192.0.2.1"), loadBalancerIP: "192.0.2.1", createdMs: 1 });
const two = pool({ addresses: ["192.0.2.1-192.0.2.2"] });
const held = snapshot({
  services: [web],
  pools: [two],
  advertisements: [advertisement("192.0.2.1", { owner: web })],
  namespaces: new Map([["shop", {}]]),
});

const line = ({ service: key, fate, before, after, reason, changed }: ServiceForecast): string => {
  const texts = [before, after].map((each) => each.map(formatAddress).join(",") || "-");
  return `${key} ${fate} ${texts.join(" → ")} ${reason}${changed ? " changed" : ""}`;
};

const linesOf = (before: Snapshot, after: Snapshot): readonly string[] =>
  forecast(before, after, options).services.map(line);

const asking = (text: string, changes: Partial<Service> = {}): Service => ({
  ...service({ ...web, key: "shop/web", asks: { addresses: addresses(text) } }),
  ...changes,
});

describe("the fate of a Service", () => {
  const edits: readonly { name: string; after: Partial<Snapshot>; want: readonly string[] }[] = [
    { name: "keeps what nobody touches", after: {}, want: ["shop/web keeps 192.0.2.1 → 192.0.2.1 Allocated"] },
    {
      name: "is outside once its pool does not cover the address any more",
      after: { pools: [pool({ addresses: ["192.0.2.2"] })] },
      want: ["shop/web outside 192.0.2.1 → 192.0.2.1 OutsidePool changed"],
    },
    {
      name: "is outside once its pool is gone",
      after: { pools: [] },
      want: ["shop/web outside 192.0.2.1 → 192.0.2.1 OutsidePool changed"],
    },
    {
      name: "moves when it asks for a free address",
      after: { services: [asking("192.0.2.2")] },
      want: ["shop/web moves 192.0.2.1 → 192.0.2.2 Allocated changed"],
    },
    {
      name: "is refused what cannot be given, and keeps what it has",
      after: { services: [asking("192.0.2.9")] },
      want: ["shop/web refused 192.0.2.1 → 192.0.2.1 RequestRefused changed"],
    },
    {
      name: "gains the second family",
      after: {
        services: [{ ...web, ipFamilyPolicy: "RequireDualStack", ipFamilies: [4, 6] }],
        pools: [two, pool({ name: "six", addresses: ["2001:db8::1"] })],
      },
      want: ["shop/web gains 192.0.2.1 → 192.0.2.1,2001:db8::1 Allocated changed"],
    },
    {
      name: "waits for a second family that no pool has, and keeps the first",
      after: { services: [{ ...web, ipFamilyPolicy: "RequireDualStack", ipFamilies: [4, 6] }] },
      want: ["shop/web waits 192.0.2.1 → 192.0.2.1 FamilyUnavailable changed"],
    },
    {
      name: "loses all when it is deleted",
      after: { services: [] },
      want: ["shop/web loses 192.0.2.1 → - ServiceGone changed"],
    },
    {
      name: "loses all when it is no LoadBalancer any more",
      after: { services: [{ ...web, type: "ClusterIP" }] },
      want: ["shop/web loses 192.0.2.1 → - NotDemanded changed"],
    },
    {
      name: "gains, waits or is refused when it is new",
      after: {
        services: [
          web,
          service({ key: "shop/a", createdMs: 2 }),
          service({ key: "shop/b", createdMs: 3 }),
          service({ key: "shop/c", createdMs: 4, asks: { addresses: addresses("192.0.2.1") } }),
        ],
      },
      want: [
        "shop/a gains - → 192.0.2.2 Allocated changed",
        "shop/b waits - → - PoolExhausted changed",
        "shop/c refused - → - AddressTaken changed",
        "shop/web keeps 192.0.2.1 → 192.0.2.1 Allocated",
      ],
    },
  ];
  for (const { name, after, want } of edits)
    it(name, () => assert.deepEqual(linesOf(held, { ...held, ...after }), want));

  it("is compared with where the cluster is going anyway", () => {
    const early = service({ key: "shop/early", createdMs: 2 });
    const before = { ...held, services: [web, early] };
    assert.deepEqual(linesOf(before, before), [
      "shop/early keeps 192.0.2.2 → 192.0.2.2 Allocated",
      "shop/web keeps 192.0.2.1 → 192.0.2.1 Allocated",
    ]);
    const after = { ...before, services: [service({ key: "shop/late", createdMs: 0 }), ...before.services] };
    assert.deepEqual(linesOf(before, after)[1], "shop/late waits - → - PoolExhausted changed");
  });

  it("takes what Herald wrote on the way from the baseline, unless the edit says something else", () => {
    const early = service({ key: "shop/early", createdMs: 2 });
    const before = { ...held, services: [web, early] };
    const taken = { ...before, services: [web, { ...early, loadBalancerIP: "192.0.2.1" }] };
    assert.deepEqual(linesOf(before, taken)[0], "shop/early refused 192.0.2.2 → 192.0.2.2 RequestRefused changed");
    const labelled = { ...before, services: [web, { ...early, labels: { tier: "gold" } }] };
    assert.deepEqual(linesOf(before, labelled)[0], "shop/early keeps 192.0.2.2 → 192.0.2.2 Allocated");
  });
});

describe("the forecast of a pool", () => {
  const poolsAfter = (pools: readonly Pool[]) => forecast(held, { ...held, pools }, options).pools;

  it("says what is free before and after, and which pools are new or gone", () => {
    const all = poolsAfter([pool({ name: "other", addresses: ["192.0.2.8-192.0.2.9"] })]);
    assert.deepEqual(
      all.map(({ pool: name, before, after, changed }) => [name, before?.ipv4?.free, after?.ipv4?.free, changed]),
      [
        ["other", undefined, "2/2", true],
        ["public", "1/2", undefined, true],
      ],
    );
    assert.deepEqual(
      poolsAfter([two]).map(({ changed }) => changed),
      [false],
    );
  });

  it("warns of what is not as it should be, if it was not so before", () => {
    const reservations = [reservation("192.0.2.1", "shop/other")];
    const reserving = pool({ ...two, addresses: ["192.0.2.1-192.0.2.2"], reservations });
    assert.deepEqual(
      poolsAfter([reserving]).flatMap(({ warnings }) => warnings.map(({ type }) => type)),
      ["ReservationsBlocked"],
    );
    const again = forecast({ ...held, pools: [reserving] }, { ...held, pools: [reserving] }, options);
    assert.deepEqual(
      again.pools.flatMap(({ warnings }) => warnings),
      [],
    );
  });
});

describe("the warnings of a forecast", () => {
  it("name four Services of each fate that changed, and count the rest", () => {
    const waiting = [1, 2, 3, 4, 5, 6].map((i) => service({ key: `shop/new-${i}`, createdMs: i + 1 }));
    const services = [web, ...waiting];
    const full = { ...held, services, pools: [pool({ addresses: ["192.0.2.1"] })] };
    const wide = { ...full, pools: [pool({ addresses: ["192.0.2.2-192.0.2.9"] })] };
    assert.deepEqual(
      forecastWarnings(forecast(full, wide, options), "public").map(({ path, message }) => `${path}: ${message}`),
      [
        "spec: 1 Service would keep addresses that they would not be given any more: shop/web 192.0.2.1",
        "spec: 6 Services would get addresses: shop/new-1 192.0.2.2, shop/new-2 192.0.2.3, shop/new-3 192.0.2.4, shop/new-4 192.0.2.5 and 2 more",
      ],
    );
  });

  it("say what the conditions of that one pool will say", () => {
    const limited = (name: string, text: string): Pool => pool({ name, addresses: [text], perNamespace: 1 });
    const more = service({ key: "shop/more", allocated: addresses("192.0.2.2"), createdMs: 2 });
    const before = {
      ...held,
      services: [web, more],
      advertisements: [...held.advertisements, advertisement("192.0.2.2", { owner: more })],
    };
    const after = { ...before, pools: [limited("public", "192.0.2.1-192.0.2.2"), limited("other", "192.0.2.8")] };
    const said = (name: string) => forecastWarnings(forecast(before, after, options), name);
    assert.deepEqual(said("public"), [
      { path: "spec.limits", message: "exceeded, nothing is taken away: of 1: shop holds 2" },
    ]);
    assert.deepEqual(said("other"), []);
  });
});
