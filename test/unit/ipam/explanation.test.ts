import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Pool } from "../../../src/api/ip-pool.ts";
import { explainService, heldSinceMs, type PoolAnswer, unhandledBecause } from "../../../src/ipam/explanation.ts";
import { createDrafter } from "../../../src/ipam/plan.ts";
import { formatAddress } from "../../../src/net/address.ts";
import {
  addresses,
  advertisement,
  noonMs,
  pool,
  released,
  reservation,
  service,
  sharingTerms,
  snapshot,
} from "../../support/builders.ts";

const hourMs = 3_600_000;
type Parts = Parameters<typeof snapshot>[0];

/** What the pools say: `public IPv4 gives 192.0.2.0`, `gold IPv4 PoolPaused`, `quiet IPv4 not asked`. */
function answers(web: ReturnType<typeof service>, parts: Parts): readonly string[] {
  return explained(web, parts).answers.map(text);
}

function text(answer: PoolAnswer): string {
  const base = `${answer.pool} IPv${answer.family}`;
  switch (answer.says) {
    case "gives":
      return `${base} gives ${formatAddress(answer.address)}`;
    case "refuses":
      return `${base} ${answer.refusal.reason}`;
    case "not asked":
      return `${base} not asked: ${answer.why}`;
  }
}

/** What becomes of the candidates: `192.0.2.7 reserved: held`, `192.0.2.7 asked for: AddressTaken`. */
function candidates(web: ReturnType<typeof service>, parts: Parts): readonly string[] {
  return explained(web, parts).candidates.map(({ address, as, held, refusal }) => {
    return `${formatAddress(address)} ${as}: ${held ? "held" : (refusal?.reason ?? "free")}`;
  });
}

function explained(web: ReturnType<typeof service>, parts: Parts) {
  const services = [web, ...(parts?.services ?? [])];
  const explanation = explainService(web, createDrafter()(snapshot({ ...parts, services })));
  assert.ok(explanation, `${web.key} is not handled`);
  return explanation;
}

const small = (name: string, changes: Partial<Pool> = {}): Pool =>
  pool({ name, addresses: ["192.0.2.1-192.0.2.2"], ...changes });

describe("what each pool says", () => {
  const full = advertisement("192.0.2.9", { pool: "full", owner: service({ key: "shop/other" }) });
  const other = service({ key: "shop/other" });

  it("comes in order of choice, with a reason for each that gives nothing", () => {
    const pools = [
      pool({ name: "full", addresses: ["192.0.2.9"], priority: 3 }),
      small("closed", { priority: 9, services: { namespaces: new Set(["blog"]) } }),
      small("paused", { priority: 5, paused: true }),
      pool({ name: "six", addresses: ["2001:db8::1"], priority: 1 }),
      small("quiet", { automatic: false }),
      pool({ name: "last", addresses: ["198.51.100.0/24"] }),
    ];
    const web = service({ terminating: true });
    assert.deepEqual(answers(web, { pools, services: [other], advertisements: [full] }), [
      "closed IPv4 NamespaceNotSelected",
      "paused IPv4 PoolPaused",
      "full IPv4 PoolExhausted",
      "six IPv4 FamilyUnavailable",
      "last IPv4 gives 198.51.100.0",
      "quiet IPv4 not asked: not automatic",
    ]);
  });

  it("of pools that are named follows the names, and says of the others that they are not", () => {
    const web = service({ terminating: true, asks: { pools: ["b", "gone", "a"] } });
    assert.deepEqual(answers(web, { pools: [small("a"), small("c"), small("b", { automatic: false })] }), [
      "b IPv4 gives 192.0.2.1",
      "a IPv4 gives 192.0.2.1",
      "gone IPv4 PoolNotFound",
      "c IPv4 not asked: the service names pool b, gone, a",
    ]);
  });

  it("of the second family counts what the first would get", () => {
    const both = pool({ name: "both", addresses: ["192.0.2.1", "2001:db8::1"], perNamespace: 1 });
    const web = service({ ipFamilyPolicy: "RequireDualStack" });
    const { outcome, answers: said } = explained(web, { pools: [both] });
    assert.deepEqual(said.map(text), ["both IPv4 gives 192.0.2.1", "both IPv6 QuotaExceeded"]);
    assert.equal(outcome.allocated.reason, "QuotaExceeded");
  });
});

describe("the addresses in question", () => {
  const blog = service({ key: "blog/web", terms: sharingTerms({ ports: ["TCP/80"] }) });

  it("are what is asked for, shown, reserved, remembered and shared, each with its answer", () => {
    const reserved = reservation("192.0.2.20", "shop/web");
    const before = { released: released(service(), noonMs - hourMs) };
    const web = service({
      asks: { addresses: addresses("192.0.2.7") },
      ingress: [{ ip: "192.0.2.8" }],
      terms: sharingTerms({ ports: ["TCP/443"] }),
    });
    const parts = {
      pools: [pool({ reservations: [reserved] })],
      services: [blog],
      advertisements: [
        advertisement("192.0.2.7", { owner: service({ key: "blog/other" }) }),
        advertisement("192.0.2.30", before),
        advertisement("192.0.2.40", { owner: blog }),
      ],
    };
    const withOther = { ...parts, services: [blog, service({ key: "blog/other" })] };
    assert.deepEqual(candidates(web, withOther), [
      "192.0.2.7 asked for: AddressTaken",
      "192.0.2.8 shown: held",
      "192.0.2.20 reserved: free",
      "192.0.2.30 remembered: free",
      "192.0.2.40 shared: SharingRefused",
    ]);
  });

  it("that are asked for together are answered together", () => {
    const web = service({ asks: { addresses: addresses("192.0.2.7", "192.0.2.8") } });
    const parts = { pools: [pool({ perNamespace: 1 })] };
    assert.deepEqual(candidates(web, parts), ["192.0.2.7 asked for: free", "192.0.2.8 asked for: QuotaExceeded"]);
  });

  it("stand once, whatever makes them a candidate", () => {
    const web = service({ asks: { addresses: addresses("192.0.2.7") } });
    const pools = [pool({ reservations: [reservation("192.0.2.7", "shop/web")] })];
    assert.deepEqual(candidates(web, { pools }), ["192.0.2.7 asked for: held"]);
  });

  it("are none that is forgotten", () => {
    const past = advertisement("192.0.2.30", { released: released(service(), noonMs - 25 * hourMs) });
    assert.deepEqual(candidates(service(), { pools: [pool()], advertisements: [past] }), []);
  });
});

describe("a Service that Herald does not handle", () => {
  const cases = [
    { changes: { type: "ClusterIP" }, why: "it is of type ClusterIP, not LoadBalancer" },
    {
      changes: { loadBalancerClass: "example.com/lb" },
      why: "its loadBalancerClass is example.com/lb, not herald.dev/vip",
    },
    { changes: {}, why: "it has no loadBalancerClass, and Herald runs with --default-class=false" },
    { changes: { loadBalancerClass: "herald.dev/vip" }, why: undefined },
  ];
  for (const { changes, why } of cases)
    it(`is told: ${why ?? "nothing, for it is handled"}`, () => {
      const { options } = snapshot({ options: { defaultClass: false } });
      assert.equal(unhandledBecause(service(changes), options), why);
    });

  it("has no explanation of addresses", () => {
    const web = service({ type: "NodePort" });
    assert.equal(explainService(web, createDrafter()(snapshot({ services: [web], pools: [pool()] }))), undefined);
  });
});

describe("a Service holds an address since", () => {
  const web = service({ createdMs: 2 * hourMs });
  const condition = {
    type: "herald.dev/Allocated",
    reason: "Allocated",
    message: "",
    lastTransitionTime: "1970-01-01T03:00:00Z",
  };
  const cases = [
    { name: "the claim was made, if that came last", createdMs: 4 * hourMs, owner: web, wantHours: 4 },
    {
      name: "it was created itself, if the claim is older: the address was another one's before",
      createdMs: 0,
      owner: web,
      wantHours: 2,
    },
    {
      name: "it was told so, if it waited before",
      createdMs: 0,
      owner: { ...web, conditions: [{ ...condition, status: "True" as const }] },
      wantHours: 3,
    },
    {
      name: "one of the other two, if it was told no",
      createdMs: 0,
      owner: { ...web, conditions: [{ ...condition, status: "False" as const }] },
      wantHours: 2,
    },
    { name: "the claim was made, if the Service is gone", createdMs: hourMs, owner: undefined, wantHours: 1 },
  ];
  for (const { name, createdMs, owner, wantHours } of cases)
    it(name, () => assert.equal(heldSinceMs(advertisement("192.0.2.1", { createdMs }), owner), wantHours * hourMs));
});
