import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatTime } from "../../../../src/api/condition.ts";
import type { Service } from "../../../../src/api/service.ts";
import { situationOf } from "../../../../src/cli/explain/report.ts";
import { type ServiceReport, serviceReport } from "../../../../src/cli/explain/service-report.ts";
import { printService } from "../../../../src/cli/explain/service-text.ts";
import { addresses, advertisement, noonMs, pool, service, sharingTerms, snapshot } from "../../../support/builders.ts";
import { terminalStub } from "../terminal-stub.ts";

type Parts = Parameters<typeof snapshot>[0];

function report(web: Service, parts: Parts = {}, problems = new Map()): ServiceReport {
  const services = [web, ...(parts.services ?? [])];
  return serviceReport(
    web,
    situationOf({ snapshot: snapshot({ ...parts, services }), problems }, { writeLoadBalancerIP: true }),
  );
}

function printed(web: Service, parts: Parts = {}): string {
  const terminal = terminalStub();
  printService(report(web, parts), terminal);
  return terminal.written.out;
}

const since = formatTime(noonMs);
const told = (reason: string, message: string, status: "True" | "False" = "False") => ({
  type: "herald.dev/Allocated",
  status,
  reason,
  message,
  lastTransitionTime: since,
});

describe("herald explain service", () => {
  it("of one that waits says why, what to do, and what each pool said", () => {
    const full = pool({ name: "full", addresses: ["192.0.2.9"] });
    const other = service({ key: "shop/other", allocated: addresses("192.0.2.9"), loadBalancerIP: "192.0.2.9" });
    const advertisements = [advertisement("192.0.2.9", { pool: "full", owner: other })];
    const web = service({ conditions: [told("PoolExhausted", "pool full: 1 of 1 allocated")] });
    assert.equal(
      printed(web, {
        pools: [full, pool({ name: "off", paused: true, priority: -1, addresses: ["198.51.100.1"] })],
        services: [other],
        advertisements,
      }),
      `Service shop/web
  Allocated    False PoolExhausted: pool full: 1 of 1 allocated
               since ${since}
  What to do   add addresses to the pool, or delete Services: the oldest that waits gets what is freed (docs/reasons.md#poolexhausted)
  Asks for     IPv4 (SingleStack), type LoadBalancer, externalTrafficPolicy Cluster
  Holds        no address

Pools, in order of choice, if it wanted one address more:
  POOL   FAMILY   ANSWER
  full   IPv4     PoolExhausted: pool full: 1 of 1 allocated
  off    IPv4     PoolPaused: pool off is paused
`,
    );
  });

  it("of one that holds an address says since when, with whom, and which node answers", () => {
    const terms = sharingTerms({ namespaces: ["blog"] });
    const web = service({
      terms,
      allocated: addresses("192.0.2.7"),
      loadBalancerIP: "192.0.2.7",
      ingress: [{ ip: "192.0.2.7" }],
      conditions: [told("Allocated", "192.0.2.7 from pool public", "True")],
    });
    const blog = service({
      key: "blog/web",
      terms: sharingTerms({ ports: ["TCP/443"], namespaces: ["shop"] }),
      allocated: addresses("192.0.2.7"),
      loadBalancerIP: "192.0.2.7",
    });
    const announced = {
      type: "Announced",
      status: "True" as const,
      reason: "Announced",
      message: "node2 answers for 192.0.2.7",
      lastTransitionTime: since,
    };
    const held = advertisement("192.0.2.7", {
      owners: [web, blog],
      createdMs: noonMs,
      node: "node1",
      status: { holder: "node2", service: "", protocol: "ARP", history: [], conditions: [announced] },
    });
    const text = printed(web, { pools: [pool()], services: [blog], advertisements: [held] });
    assert.match(text, /Allocated +True Allocated: 192\.0\.2\.7 from pool public\n/);
    assert.match(text, /shares by key "front" with namespaces blog, ports TCP\/80\n/);
    assert.match(text, new RegExp(`Holds +192\\.0\\.2\\.7 from pool public, since ${since}, shared with blog/web\n`));
    assert.match(text, new RegExp(`Announced +192\\.0\\.2\\.7: by node2 \\(placed on node1\\), since ${since}\n`));
    assert.match(text, /192\.0\.2\.7 +shared +holds it\n/);
    assert.doesNotMatch(text, /Planned|Pending|spec\.loadBalancerIP/);
  });

  it("of one that is not handled says why, and nothing of pools", () => {
    const text = printed(service({ type: "ClusterIP" }), { pools: [pool()] });
    assert.match(text, /Handled +no: it is of type ClusterIP, not LoadBalancer\n/);
    assert.doesNotMatch(text, /What to do|POOL/);
  });

  it("says that spec.loadBalancerIP asks for an address only where Herald has not written it there", () => {
    const allocated = addresses("192.0.2.7");
    assert.equal(report(service({ allocated, loadBalancerIP: "192.0.2.7" })).wants.loadBalancerIP, undefined);
    assert.equal(report(service({ allocated, loadBalancerIP: "192.0.2.8" })).wants.loadBalancerIP, "192.0.2.8");
  });

  it("names the pools that cannot be used, which a Service may have counted on", () => {
    const problems = new Map([["IPPool/broken", [{ path: "spec.addresses[0]", message: "is none" }]]]);
    const { unreadablePools, allocated } = report(service({ asks: { pools: ["broken"] } }), {}, problems);
    assert.equal(allocated?.reason, "PoolNotFound");
    assert.deepEqual(unreadablePools, [{ object: "IPPool/broken", problems: ["spec.addresses[0]: is none"] }]);
  });
});

describe("what the controller has not done yet", () => {
  const kept = service({ allocated: addresses("192.0.2.0"), loadBalancerIP: "192.0.2.0" });
  const held = [advertisement("192.0.2.0", { owner: kept })];
  const good = told("Allocated", "192.0.2.0 from pool public", "True");
  const cases = [
    {
      name: "an address to give",
      web: service(),
      parts: {},
      want: /yet to give it 192\.0\.2\.0; if it stays so, it does not run, or runs with other options/,
    },
    {
      name: "an address to take",
      web: { ...kept, asks: { problems: [], addresses: addresses("192.0.2.5") } },
      parts: { advertisements: held },
      want: /give it 192\.0\.2\.5 and take 192\.0\.2\.0 from it/,
    },
    {
      name: "a condition to write",
      web: kept,
      parts: { advertisements: held },
      want: /has not written the condition yet/,
    },
    {
      name: "a condition that says what was true before",
      web: { ...kept, conditions: [told("PoolPaused", "pool public is paused")] },
      parts: { advertisements: held },
      want: /has not written what is planned yet/,
    },
    { name: "nothing", web: { ...kept, conditions: [good] }, parts: { advertisements: held }, want: /^none$/ },
    {
      name: "nothing, where it says of others what is more urgent",
      web: { ...kept, conditions: [{ ...good, reason: "FieldContested", message: "spec.loadBalancerIP: …" }] },
      parts: { advertisements: held },
      want: /^none$/,
    },
  ];
  for (const { name, web, parts, want } of cases)
    it(`is ${name}`, () => assert.match(report(web, { pools: [pool()], ...parts }).pending ?? "none", want));

  it("comes after what is written, and is no success for which nothing is to be done", () => {
    const text = printed(service({ conditions: [told("PoolPaused", "pool public is paused")] }), { pools: [pool()] });
    assert.match(
      text,
      /^Service shop\/web\n {2}Allocated +False PoolPaused: pool public is paused\n +since .*\n {2}Planned +True Allocated: 192\.0\.2\.0 from pool public\n {2}What to do +see that the controller runs, and with which options \(docs\/cli\.md#the-controllers-options\)\n/,
    );
    assert.match(
      printed(service({}), { pools: [pool()] }),
      /Allocated +the Service has no condition yet\n +Planned +True/,
    );
  });

  it("does not hide that a field is contested", () => {
    const web = { ...kept, conditions: [{ ...good, reason: "FieldContested", message: "spec.loadBalancerIP: …" }] };
    const text = printed(web, { pools: [pool()], advertisements: held });
    assert.match(text, /Allocated +True FieldContested: spec\.loadBalancerIP: …\n/);
    assert.doesNotMatch(text, /Planned/);
  });

  it("of a contested field the advice is about that", () => {
    const web = { ...kept, conditions: [{ ...good, reason: "FieldContested" }] };
    assert.equal(
      report(web, { pools: [pool()], advertisements: held }).advice?.section,
      "docs/reasons.md#fieldcontested",
    );
  });
});
