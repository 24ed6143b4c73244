import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type PoolObject,
  parsePool,
  parsePoolStatus,
  poolStatusObject,
  poolSummary,
} from "../../../src/api/ip-pool.ts";
import { formatRange } from "../../../src/net/range.ts";
import { reservation } from "../../support/builders.ts";

type Spec = PoolObject["spec"];

function object(spec: Partial<Spec>): PoolObject {
  return {
    metadata: { name: "public", uid: "u", resourceVersion: "7", generation: 3 },
    spec: { addresses: ["192.0.2.0/24"], ...spec },
  };
}

function ranges(spec: Partial<Spec>): readonly string[] {
  const parsed = parsePool(object(spec));
  return "value" in parsed ? parsed.value.ranges.map(formatRange) : assert.fail(JSON.stringify(parsed.problems));
}

describe("the addresses of a pool", () => {
  const cases: readonly { name: string; spec: Partial<Spec>; want: readonly string[] }[] = [
    {
      name: "CIDR, range and single address, both families, overlap merged",
      spec: { addresses: ["192.0.2.0/30", "192.0.2.2-192.0.2.9", "192.0.2.20", "2001:db8::/126"] },
      want: ["192.0.2.0-192.0.2.9", "192.0.2.20", "2001:db8::/126"],
    },
    { name: "host bits are masked", spec: { addresses: ["192.0.2.7/30"] }, want: ["192.0.2.4/30"] },
    {
      name: "what is excluded is taken out, in any form",
      spec: { addresses: ["192.0.2.0/28"], exclude: ["192.0.2.1", "192.0.2.4/30", "192.0.2.14-192.0.2.99"] },
      want: ["192.0.2.0", "192.0.2.2/31", "192.0.2.8-192.0.2.13"],
    },
    {
      name: "skipEnds takes network and broadcast address of an IPv4 CIDR shorter than /31",
      spec: {
        addresses: ["192.0.2.0/30", "198.51.100.0/31", "203.0.113.1-203.0.113.4", "2001:db8::/126"],
        skipEnds: true,
      },
      want: ["192.0.2.1-192.0.2.2", "198.51.100.0/31", "203.0.113.1-203.0.113.4", "2001:db8::/126"],
    },
  ];
  for (const { name, spec, want } of cases) it(name, () => assert.deepEqual(ranges(spec), want));
});

describe("what is wrong with a pool", () => {
  it("is told all at once, each with its path", () => {
    const parsed = parsePool(
      object({
        addresses: ["192.0.2.9-192.0.2.1", "192.0.2.0/24", "010.0.0.1", "::ffff:192.0.2.1", "fe80::1%eth0", "x/24"],
        exclude: ["192.0.2.1-2001:db8::1", "1".repeat(99)],
        reservations: [{ address: "192.0.2.09", namespace: "shop", name: "web" }],
        reuse: { rememberFor: "1d" },
        announcement: { arp: { interfaces: ["eth0", "/[/"] } },
      }),
    );
    assert.ok("problems" in parsed);
    assert.deepEqual(
      parsed.problems.map(({ path, message }) => `${path} ${message.split(":")[0]}`),
      [
        "spec.addresses[0] range 192.0.2.9-192.0.2.1 ends before it starts",
        'spec.addresses[2] "010.0.0.1" is no IP address',
        'spec.addresses[3] "',
        'spec.addresses[4] "fe80',
        'spec.addresses[5] "x/24" is no CIDR',
        "spec.exclude[0] range 192.0.2.1-2001",
        "spec.exclude[1] is 99 characters long, an address range has at most 93",
        'spec.reservations[0].address "192.0.2.09" is no IP address',
        'spec.reuse.rememberFor "1d" is no duration',
        "spec.announcement.arp.interfaces[1] /[/ is no regular expression",
      ],
    );
  });
});

describe("what is odd about a pool", () => {
  const cases: readonly { name: string; spec: Partial<Spec>; path: string; message: RegExp }[] = [
    {
      name: "host bits",
      spec: { addresses: ["192.0.2.7/30"] },
      path: "spec.addresses[0]",
      message: /192\.0\.2\.4\/30$/,
    },
    { name: "an exclusion of nothing", spec: { exclude: ["10.0.0.1"] }, path: "spec.exclude[0]", message: /outside/ },
    {
      name: "loopback",
      spec: { addresses: ["127.0.0.1"] },
      path: "spec.addresses[0]",
      message: /never given: loopback/,
    },
    { name: "no address left", spec: { exclude: ["192.0.2.0/24"] }, path: "spec.exclude", message: /no address/ },
  ];
  for (const { name, spec, path, message } of cases) {
    it(`${name} is a warning`, () => {
      const parsed = parsePool(object(spec));
      assert.ok("value" in parsed);
      assert.deepEqual(
        parsed.warnings.map((warning) => warning.path),
        [path],
      );
      assert.match(parsed.warnings[0]?.message ?? "", message);
    });
  }
});

it("what a pool does not say is what the schema's defaults say", () => {
  const parsed = parsePool(object({}));
  assert.ok("value" in parsed);
  const { ranges: _, covered: __, ...rest } = parsed.value;
  assert.deepEqual(rest, {
    name: "public",
    uid: "u",
    resourceVersion: "7",
    generation: 3,
    avoidBuggyIPs: false,
    order: "Ascending",
    automatic: true,
    priority: 0,
    paused: false,
    services: {},
    reservations: [],
    reuse: { rememberForMs: 86_400_000, coolDownForMs: 300_000, coolDown: "Prefer" },
    announcement: { arp: { interfaces: [], mode: "Responder", conflictCheck: "On" } },
    status: { conditions: [] },
  });
});

it("a pool's selection of Services is kept", () => {
  const namespaceSelector = { matchLabels: { tier: "public" } };
  const parsed = parsePool(object({ services: { namespaces: ["shop"], namespaceSelector } }));
  assert.ok("value" in parsed);
  assert.deepEqual(parsed.value.services, { namespaces: new Set(["shop"]), namespaceSelector });
});

it("a pool's reservations, limits and reuse are kept", () => {
  const parsed = parsePool(
    object({
      reservations: [{ address: "192.0.2.7", namespace: "shop", name: "web" }],
      limits: { perNamespace: 5 },
      reuse: { rememberFor: "1h30m", coolDownFor: "0s", coolDown: "Strict" },
    }),
  );
  assert.ok("value" in parsed);
  const { reservations, perNamespace, reuse } = parsed.value;
  assert.deepEqual(reservations, [reservation("192.0.2.7", "shop/web")]);
  assert.equal(perNamespace, 5);
  assert.deepEqual(reuse, { rememberForMs: 5_400_000, coolDownForMs: 0, coolDown: "Strict" });
});

it("limits that say nothing are none", () => {
  const parsed = parsePool(object({ limits: {} }));
  assert.ok("value" in parsed && !("perNamespace" in parsed.value));
});

it("a status is read back as it was written", () => {
  const status = {
    observedGeneration: 3,
    ipv4: { total: "48", allocated: 3, free: "42/48", cooling: 1, reserved: 2 },
    conditions: [
      { type: "Ready", status: "True", reason: "Valid", message: "", lastTransitionTime: "2026-01-31T12:00:00Z" },
    ],
  } as const;
  const parsed = parsePool({ ...object({}), status: poolStatusObject(status) });
  assert.ok("value" in parsed);
  assert.deepEqual(parsed.value.status, status);
});

it("a status of before addresses rested or were reserved has none that do", () => {
  const { ipv4, ipv6 } = parsePoolStatus({ addresses: { ipv6: { total: "48", allocated: 3, free: "45/48" } } });
  assert.deepEqual(ipv6, { total: "48", allocated: 3, free: "45/48", cooling: 0, reserved: 0 });
  assert.equal(ipv4, undefined);
});

const summaries: readonly (readonly [addresses: readonly string[], summary: string])[] = [
  [["192.0.2.0/27"], "192.0.2.0/27"],
  [["2001:db8::/112", "192.0.2.7", "192.0.2.9-192.0.2.10"], "192.0.2.7, 192.0.2.9-192.0.2.10, 2001:db8::/112"],
  [
    ["192.0.2.1-192.0.2.30", "198.51.100.1-198.51.100.30", "203.0.113.1-203.0.113.30"],
    "192.0.2.1-192.0.2.30, 198.51.100.1-198.51.100.30 (+1)",
  ],
];
for (const [addresses, summary] of summaries)
  it(`a pool of ${addresses.join(", ")} is shown as ${summary}`, () => {
    const parsed = parsePool({
      metadata: { name: "p", uid: "1", resourceVersion: "1" },
      spec: { addresses: [...addresses] },
    });
    assert.equal("value" in parsed ? poolSummary(parsed.value) : "", summary);
  });
