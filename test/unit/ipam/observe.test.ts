import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Service } from "../../../src/api/service.ts";
import { type Rehearsal, rehearse } from "../../../src/controller/rehearsal.ts";
import { createPlanner } from "../../../src/ipam/plan.ts";
import type { Snapshot } from "../../../src/ipam/snapshot.ts";
import { formatAddress } from "../../../src/net/address.ts";
import { addresses, advertisement, pool, range, service, sharingTerms, snapshot } from "../../support/builders.ts";

const observe = true;

const pools = [pool({ addresses: ["192.0.2.0/24", "2001:db8::/112"] })];

const showing = (...texts: readonly string[]): Pick<Service, "ingress"> => ({
  ingress: texts.map((ip) => ({ ip, ipMode: "VIP" })),
});

const observed = (parts: Parameters<typeof snapshot>[0]): Rehearsal =>
  rehearse(snapshot({ pools, options: { observe }, ...parts }), createPlanner(), { writeLoadBalancerIP: true });

/** Who holds what, as `192.0.2.5 shop/web`; what is remembered has nobody. */
const ledger = ({ advertisements }: Snapshot): readonly string[] =>
  advertisements
    .map(({ address, services }) => [
      formatAddress(address),
      ...services.map((each) => `${each.namespace}/${each.name}`),
    ])
    .map((parts) => parts.join(" "))
    .toSorted();

const told = ({ plan }: Rehearsal, key = "shop/web") => {
  const { status, reason, message } = plan.outcomes.get(key)?.allocated ?? {};
  return { status, reason, message };
};

describe("addresses that are only observed", () => {
  const claimed: readonly { readonly name: string; readonly web: Service; readonly want: readonly string[] }[] = [
    { name: "what the status shows", web: service(showing("192.0.2.5")), want: ["192.0.2.5 shop/web"] },
    {
      name: "what it shows of both families, however it is spelt",
      web: service({ ...showing("2001:0DB8::5", "192.0.2.5"), ipFamilies: [4, 6], ipFamilyPolicy: "PreferDualStack" }),
      want: ["192.0.2.5 shop/web", "2001:db8::5 shop/web"],
    },
    {
      name: "only the families that are wanted",
      web: service(showing("192.0.2.5", "2001:db8::5")),
      want: ["192.0.2.5 shop/web"],
    },
    { name: "nothing for a field", web: service({ loadBalancerIP: "192.0.2.5" }), want: [] },
    { name: "nothing for Herald's annotation", web: service({ allocated: addresses("192.0.2.5") }), want: [] },
    { name: "nothing for an ask", web: service({ asks: { addresses: addresses("192.0.2.5") } }), want: [] },
    { name: "nothing for a hostname", web: service({ ingress: [{ hostname: "lb.example.org" }] }), want: [] },
    { name: "nothing for a ClusterIP", web: service({ ...showing("192.0.2.5"), type: "ClusterIP" }), want: [] },
    {
      name: "nothing for another class",
      web: service({ ...showing("192.0.2.5"), loadBalancerClass: "io.cilium/l2" }),
      want: [],
    },
    {
      name: "what is shown rather than what is asked for",
      web: service({ ...showing("192.0.2.5"), asks: { addresses: addresses("192.0.2.9") } }),
      want: ["192.0.2.5 shop/web"],
    },
  ];
  for (const { name, web, want } of claimed)
    it(`are claimed: ${name}; the Service stays as it is`, () => {
      const after = observed({ services: [web] }).snapshot;
      assert.deepEqual(ledger(after), want);
      assert.deepEqual(after.services, [web]);
    });

  it("are given to nobody, and the condition says so", () => {
    const result = observed({ services: [service()] });
    assert.deepEqual(ledger(result.snapshot), []);
    assert.deepEqual(told(result), {
      status: "False",
      reason: "Observed",
      message: "addresses are only observed, and the service shows none",
    });
  });

  it("may be shared by those who share, and are nobody's if two show one and may not", () => {
    const terms = (port: number) => ({ terms: sharingTerms({ ports: [`TCP/${port}`] }) });
    const [a, b] = ["shop/a", "shop/b"].map((key, i) => service({ key, ...showing("192.0.2.5"), ...terms(80 + i) }));
    assert.ok(a && b);
    assert.deepEqual(ledger(observed({ services: [a, b] }).snapshot), ["192.0.2.5 shop/a shop/b"]);
    const { terms: _, ...alone } = b;
    const result = observed({ services: [a, alone] });
    assert.deepEqual(ledger(result.snapshot), []);
    assert.deepEqual(
      [told(result, "shop/a").reason, told(result, "shop/b").reason],
      ["AdoptionRefused", "AdoptionRefused"],
    );
  });

  it("are not claimed if they are forbidden or in no pool", () => {
    const services = [service(showing("192.0.2.5"))];
    const forbidden = [{ range: range("192.0.2.5"), what: "the address of node node2" }];
    assert.match(told(observed({ services, forbidden })).message ?? "", /192\.0\.2\.5 is the address of node node2$/);
    assert.match(told(observed({ services, pools: [] })).message ?? "", /192\.0\.2\.5 is in no pool$/);
  });
});

describe("the claims of observed addresses follow what is shown", () => {
  const before = service(showing("192.0.2.5"));
  const claim = advertisement("192.0.2.5", { owner: before });
  const follows: readonly {
    readonly name: string;
    readonly services: readonly Service[];
    readonly want: readonly string[];
  }[] = [
    { name: "as long as it is shown", services: [before], want: ["192.0.2.5 shop/web"] },
    {
      name: "while the Service is on its way out",
      services: [{ ...before, terminating: true }],
      want: ["192.0.2.5 shop/web"],
    },
    {
      name: "to another address",
      services: [service(showing("192.0.2.6"))],
      want: ["192.0.2.6 shop/web"],
    },
    { name: "to none, without a memory", services: [service()], want: [] },
    { name: "to the end of the Service, with a memory", services: [], want: ["192.0.2.5"] },
    {
      name: "to a second one beside it, which is no family that is missing",
      services: [service(showing("192.0.2.6", "192.0.2.5"))],
      want: ["192.0.2.5 shop/web"],
    },
  ];
  for (const { name, services, want } of follows)
    it(name, () => assert.deepEqual(ledger(observed({ services, advertisements: [claim] }).snapshot), want));

  it("and become Herald's own, unmoved, when observing ends", () => {
    const { snapshot: after } = observed({ services: [before, service({ key: "shop/new" })] });
    const live = { ...after, options: { ...after.options, observe: false } };
    const { snapshot: owned } = rehearse(live, createPlanner(), { writeLoadBalancerIP: true });
    assert.deepEqual(ledger(owned), ["192.0.2.0 shop/new", "192.0.2.5 shop/web"]);
    assert.deepEqual(
      owned.services.map(({ loadBalancerIP }) => loadBalancerIP),
      ["192.0.2.5", "192.0.2.0"],
    );
  });
});
