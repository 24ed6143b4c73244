import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatTime } from "../../../../src/api/condition.ts";
import { addressReport } from "../../../../src/cli/explain/address-report.ts";
import { printAddress } from "../../../../src/cli/explain/address-text.ts";
import { situationOf } from "../../../../src/cli/explain/report.ts";
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
} from "../../../support/builders.ts";
import { terminalStub } from "../terminal-stub.ts";

const hourMs = 3_600_000;
type Parts = Parameters<typeof snapshot>[0];

const report = (text: string, parts: Parts) =>
  addressReport(
    address(text),
    situationOf({ snapshot: snapshot(parts), problems: new Map() }, { writeLoadBalancerIP: true }),
  );

const web = service({ allocated: addresses("192.0.2.7"), loadBalancerIP: "192.0.2.7" });
const held = advertisement("192.0.2.7", { owner: web, createdMs: noonMs });
const past = advertisement("192.0.2.7", { released: released(web, noonMs - hourMs) });
const forbidden = [{ range: range("192.0.2.7"), what: "the address of node node1" }];

describe("in a sentence, an address is", () => {
  const resting = advertisement("192.0.2.7", { released: released(web, noonMs - 60_000) });
  const strict = pool({ reuse: { rememberForMs: hourMs, coolDownForMs: 300_000, coolDown: "Strict" } });
  const reserved = pool({ reservations: [reservation("192.0.2.7", "shop/web")] });
  const cases: readonly { readonly want: string; readonly parts: Parts }[] = [
    { want: "free", parts: { pools: [pool()] } },
    { want: "held by shop/web", parts: { pools: [pool()], services: [web], advertisements: [held] } },
    {
      want: "held by shop/web, though it is the address of node node1",
      parts: { pools: [pool()], services: [web], advertisements: [held], forbidden },
    },
    { want: "never given: it is the address of node node1", parts: { pools: [pool()], forbidden } },
    { want: "never given: it is in no pool", parts: {} },
    { want: "in no pool, given to whoever asks for it", parts: { options: { allowForeignAddresses: true } } },
    { want: "never given: pool public excludes it", parts: { pools: [pool({ exclude: ["192.0.2.7"] })] } },
    { want: "free, and reserved for shop/web", parts: { pools: [reserved] } },
    { want: "not given for now: pool public is paused", parts: { pools: [pool({ paused: true })] } },
    {
      want: "not given to others before 2026-01-31T12:04:00Z: shop/web had it last, and it rests",
      parts: { pools: [strict], advertisements: [resting] },
    },
    { want: "free, and shop/web had it last", parts: { pools: [pool()], advertisements: [resting] } },
    {
      want: "held by nobody, but shop/web shows it, and nobody else gets it",
      parts: { pools: [pool()], services: [service({ type: "ClusterIP", ingress: [{ ip: "192.0.2.7" }] })] },
    },
    { want: "free, and shop/web had it last", parts: { pools: [pool()], advertisements: [past] } },
  ];
  for (const { want, parts } of cases) it(want, () => assert.equal(report("192.0.2.7", parts).summary, want));
});

describe("a pool that covers an address", () => {
  const strict = pool({ reuse: { rememberForMs: 0, coolDownForMs: 300_000, coolDown: "Strict" } });
  const fresh = advertisement("192.0.2.7", { released: released(web, noonMs - 60_000) });
  const cases: readonly { readonly name: string; readonly parts: Parts; readonly want: string }[] = [
    { name: "may give it", parts: { pools: [pool()] }, want: "true" },
    { name: "gives none while it is paused", parts: { pools: [pool({ paused: true })] }, want: "false paused" },
    {
      name: "never gives what belongs to a node",
      parts: { pools: [pool()], forbidden },
      want: "false it is the address of node node1",
    },
    {
      name: "gives what must rest only back",
      parts: { pools: [strict], advertisements: [fresh] },
      want: "true to shop/web only before 2026-01-31T12:04:00Z",
    },
  ];
  for (const { name, parts, want } of cases)
    it(name, () => {
      const [cover] = report("192.0.2.7", parts).pools;
      assert.equal([cover?.gives, ...(cover?.remarks ?? [])].join(" "), want);
    });
});

describe("herald explain address", () => {
  const shown = (parts: Parts): string => {
    const terminal = terminalStub();
    printAddress(report("192.0.2.7", parts), terminal);
    return terminal.written.out;
  };

  it("of one that is held says by whom, since when, which nodes answered, and who else wants it", () => {
    const condition = {
      type: "Conflict",
      status: "True" as const,
      reason: "AddressInUse",
      message: "node2: 02:00:00:00:00:09",
      lastTransitionTime: "",
    };
    const history = [
      { time: "2026-01-30T00:00:00Z", node: "node1" },
      { time: "2026-01-31T00:00:00Z", node: "node2" },
    ];
    const status = { holder: "node2", service: "shop/web", protocol: "ARP" as const, history, conditions: [condition] };
    const rival = service({ key: "blog/web", asks: { addresses: addresses("192.0.2.7") } });
    assert.equal(
      shown({
        pools: [pool()],
        services: [web, rival],
        advertisements: [{ ...held, node: "node2", group: "lan-1", status }],
      }),
      `Address 192.0.2.7: held by shop/web
  Held by     shop/web, since ${formatTime(noonMs)}
  Announced   by node2 (ARP), placed on node2 of group lan-1
              AddressInUse: node2: 02:00:00:00:00:09

Pools that cover it:
  POOL     ANSWER
  public   may give it

Services that want it:
  SERVICE    BECAUSE          TOLD
  blog/web   it asks for it   AddressTaken: 192.0.2.7 belongs to shop/web

Nodes that answered for it:
  SINCE                  NODE
  2026-01-30T00:00:00Z   node1
  2026-01-31T00:00:00Z   node2
`,
    );
  });

  it("of one that was released says for whom it is remembered, and how long it rests", () => {
    const fresh = advertisement("192.0.2.7", { released: released(web, noonMs - 60_000) });
    const text = shown({ pools: [pool()], advertisements: [fresh] });
    assert.match(text, /Released +by shop\/web at 2026-01-31T11:59:00Z\n/);
    assert.match(text, /remembered for it until 2026-02-01T11:59:00Z\n +rests until 2026-01-31T12:04:00Z\n/);
    assert.doesNotMatch(shown({ pools: [pool()], advertisements: [past] }), /rests until/);
  });
});
