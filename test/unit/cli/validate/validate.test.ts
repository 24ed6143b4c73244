import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type Code, codes } from "../../../../src/cli/validate/codes.ts";
import { loadSchemas } from "../../../../src/cli/validate/schema.ts";
import { validate } from "../../../../src/cli/validate/validate.ts";

const schemas = await loadSchemas();

/** An IPPool; the spec's lines begin in line 5. */
function pool(spec: string, name = "public"): string {
  return `apiVersion: herald.dev/v1beta1\nkind: IPPool\nmetadata: {name: ${name}}\nspec:\n${spec}\n`;
}

/** A BGPPeer; the spec's lines begin in line 5, the last is the AS numbers. */
function peer(spec: string, name = "tor"): string {
  return `apiVersion: herald.dev/v1beta1\nkind: BGPPeer\nmetadata: {name: ${name}}\nspec:\n${spec}\n  asn: 64512\n  localAsn: 64513\n`;
}

function service(annotations: string): string {
  return `apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: shop\n  annotations:\n    ${annotations}\n`;
}

const one = "  addresses: [192.0.2.1]\n";

type Row = readonly [what: string, text: string, code: Code, place: string, message: RegExp];

/** Each code at least once; the place is line:column and the path. */
const rows: readonly Row[] = [
  ["broken YAML", "a: [", "InvalidYaml", "1:5 ", /flow/i],
  ["a document that is no object", "foo: bar", "NotAnObject", "1:1 ", /has no apiVersion and kind/],
  ["a document that is a list", "- a\n", "NotAnObject", "1:1 ", /has no apiVersion/],
  ["a name that none can have", pool(one, "Public_1"), "InvalidName", "3:18 metadata.name", /lower case/],
  [
    "no name",
    "apiVersion: herald.dev/v1beta1\nkind: VIPNode\nmetadata: {}\n",
    "MissingField",
    "3:11 metadata.name",
    /is required/,
  ],
  [
    "a version that is not served",
    pool(one).replace("v1beta1", "v1"),
    "UnknownVersion",
    "1:13 apiVersion",
    /herald.dev\/v1beta1\/IPPool/,
  ],
  [
    "a kind that there is not",
    pool(one).replace("IPPool", "IPPoool"),
    "UnknownVersion",
    "1:13 apiVersion",
    /IPPoool is none of/,
  ],
  ["a field that is mistyped", pool(`${one}  orders: x`), "UnknownField", "6:3 spec.orders", /is not known/],
  [
    "a field far below",
    pool(`${one}  announcement: {arp: {iface: x}}`),
    "UnknownField",
    "6:24 spec.announcement.arp.iface",
    /not known/,
  ],
  ["no addresses", pool("  paused: true"), "MissingField", "5:3 spec.addresses", /is required/],
  [
    "a text for a boolean",
    pool(`${one}  paused: "yes"`),
    "WrongType",
    "6:11 spec.paused",
    /is "yes", expected boolean/,
  ],
  [
    "an unquoted On",
    pool(`${one}  announcement: {arp: {conflictCheck: On}}`),
    "WrongType",
    "6:39 spec.announcement.arp.conflictCheck",
    /in quotes/,
  ],
  [
    "a value of no list",
    pool(`${one}  order: Random`),
    "UnknownValue",
    "6:10 spec.order",
    /"Random" is none of Ascending, Descending/,
  ],
  ["an empty list", pool("  addresses: []"), "OutOfBounds", "5:14 spec.addresses", /fewer than 1/],
  [
    "a number that is too large",
    pool(`${one}  priority: 4000000000`),
    "OutOfBounds",
    "6:13 spec.priority",
    /<= 2147483647/,
  ],
  [
    "a text of another form",
    pool(`${one}  announcement: {arp: {interfaces: ["a b"]}}`),
    "WrongForm",
    "6:37 spec.announcement.arp.interfaces[0]",
    /"a b"/,
  ],
  [
    "a namespace twice",
    pool(`${one}  services: {namespaces: [a, a]}`),
    "DuplicateValue",
    "6:26 spec.services.namespaces",
    /duplicate/,
  ],
  [
    "a selector without values",
    pool(`${one}  services:\n    serviceSelector:\n      matchExpressions:\n        - {key: a, operator: In}`),
    "InvalidSelector",
    "9:11 spec.services.serviceSelector.matchExpressions[0]",
    /In needs at least one of values/,
  ],
  [
    "what is no address",
    pool("  addresses:\n    - 192.0.2.1\n    - 192.0.2.300"),
    "InvalidAddress",
    "7:7 spec.addresses[1]",
    /"192.0.2.300"/,
  ],
  [
    "a reversed range",
    pool("  addresses: [192.0.2.9-192.0.2.1]"),
    "InvalidAddress",
    "5:15 spec.addresses[0]",
    /ends before it starts/,
  ],
  ["a wrong exclusion", pool(`${one}  exclude: [xx]`), "InvalidAddress", "6:13 spec.exclude[0]", /"xx"/],
  [
    "a reservation outside the pool",
    pool(`${one}  reservations: [{address: 192.0.2.2, namespace: a, name: b}]`),
    "InvalidReservation",
    "6:28 spec.reservations[0].address",
    /192\.0\.2\.2/,
  ],
  [
    "a wrong expression",
    pool(`${one}  announcement: {arp: {interfaces: ["/(a/"]}}`),
    "InvalidInterface",
    "6:37 spec.announcement.arp.interfaces[0]",
    /regular expression/,
  ],
  [
    "two pools of one address",
    `${pool(one)}---\n${pool(one, "other")}`,
    "PoolsOverlap",
    "12:14 spec.addresses",
    /192\.0\.2\.1 also in pool public/,
  ],
  [
    "an object twice",
    `${pool(one)}---\n${pool("  addresses: [192.0.2.2]")}`,
    "DuplicateObject",
    "10:18 metadata.name",
    /is also in f\.yaml:1/,
  ],
  [
    "an unknown annotation",
    service("herald.dev/adress: x"),
    "InvalidAnnotation",
    "7:24 metadata.annotations[herald.dev/adress]",
    /is not known/,
  ],
  [
    "a wrong address asked for",
    service("metallb.io/loadBalancerIPs: x"),
    "InvalidAnnotation",
    "7:33 metadata.annotations[metallb.io/loadBalancerIPs]",
    /"x"/,
  ],
  [
    "two peers that are one router",
    `${peer("  address: 192.0.2.1")}---\n${peer("  address: 192.0.2.1", "other")}`,
    "PeersConflict",
    "13:12 spec.address",
    /192\.0\.2\.1 is also the peer tor of the same nodes/,
  ],
  [
    "a hold time that is none",
    peer("  address: 192.0.2.1\n  holdTime: 1d"),
    "InvalidDuration",
    "6:13 spec.holdTime",
    /"1d" is no duration/,
  ],
  ["no way to a router", peer("  port: 179"), "InvalidField", "5:3 spec", /says not where the router is/],
  ["host bits", pool("  addresses: [192.0.2.7/30]"), "OddField", "5:15 spec.addresses[0]", /host bits/],
  [
    "a pool that is not there",
    `${service("herald.dev/pool: gone")}---\n${pool(one)}`,
    "UnknownPool",
    "7:5 metadata.annotations",
    /there is no pool gone/,
  ],
  [
    "routers that are not there",
    `${pool(`${one}  announcement: {bgp: {peerSelector: {matchLabels: {a: b}}}}`)}---\n${peer("  interface: eth1")}`,
    "UnknownPeer",
    "6:38 spec.announcement.bgp.peerSelector",
    /no BGPPeer/,
  ],
];

function check(text: string) {
  return validate([{ path: "f.yaml", text }], schemas);
}

describe("herald validate finds", () => {
  for (const [what, text, code, place, message] of rows) {
    it(`${what}: ${code}`, () => {
      const { findings } = check(text);
      assert.deepEqual(
        findings.map((each) => each.code),
        [code],
      );
      const [found] = findings;
      assert.equal(`${found?.line}:${found?.column} ${found?.path}`, place);
      assert.match(found?.message ?? "", message);
      assert.equal(found?.severity, codes[code]);
    });
  }

  it("nothing wrong with what is right, for every kind", () => {
    const { findings, checked, skipped } = check(`${pool(one)}---\n${service("herald.dev/pool: public")}`);
    assert.deepEqual([findings, checked, skipped], [[], 2, {}]);
  });

  it("nothing in kinds that Herald does not read, and counts them", () => {
    const { findings, checked, skipped } = check(
      "{apiVersion: apps/v1, kind: Deployment}\n---\n{apiVersion: v1, kind: Pod}\n",
    );
    assert.deepEqual([findings, checked, skipped], [[], 0, { "Deployment.apps": 1, Pod: 1 }]);
  });

  it("what is wrong in the items of a List, at its place", () => {
    const { findings } = check(
      "apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: herald.dev/v1beta1, kind: IPPool, metadata: {name: a}, spec: {addresses: [xx]}}\n",
    );
    assert.deepEqual(
      findings.map(({ code, line, path }) => [code, line, path]),
      [["InvalidAddress", 4, "spec.addresses[0]"]],
    );
  });

  it("everything that is wrong at once, in the order of the files", () => {
    const { findings } = check(pool("  addresses: [192.0.2.1]\n  order: x\n  paused: 1\n  foo: 2"));
    assert.deepEqual(
      findings.map(({ code }) => code),
      ["UnknownValue", "WrongType", "UnknownField"],
    );
  });

  it("an overlap of pools in different files", () => {
    const sources = [
      { path: "b.yaml", text: pool(one, "b") },
      { path: "a.yaml", text: pool(one, "a") },
    ];
    assert.deepEqual(
      validate(sources, schemas).findings.map(({ file, code }) => [file, code]),
      [["a.yaml", "PoolsOverlap"]],
    );
  });

  it("no unknown pool where no pools are among the files", () =>
    assert.deepEqual(check(service("herald.dev/pool: gone")).findings, []));
});

describe("the codes", () => {
  const all = Object.keys(codes) as readonly Code[];

  it("are each found by a case above", () => {
    const found = new Set(rows.map(([, , code]) => code));
    assert.deepEqual(
      all.filter((code) => !found.has(code)),
      [],
    );
  });

  it("are each explained in docs/cli.md, and no other is", () => {
    const text = readFileSync(join(import.meta.dirname, "../../../../docs/cli.md"), "utf8");
    const section = text.slice(text.indexOf("## Codes of `herald validate`"));
    const documented = [...section.matchAll(/^\| `(\w+)` \| (error|warning) \|/gm)].map(([, code, severity]) => [
      code,
      severity,
    ]);
    assert.deepEqual(documented.sort(), Object.entries(codes).sort());
  });
});

describe("spec.loadBalancerIP", () => {
  const asking = (ip: string, type = "LoadBalancer"): readonly string[] =>
    check(
      `apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: ${type}, loadBalancerIP: "${ip}"}\n`,
    ).findings.map(({ code, line, path }) => `${line} ${code} ${path}`);
  it("that is no address is found, where Herald would read it", () => {
    assert.deepEqual(asking("192.0.2.300"), ["4 InvalidAddress spec.loadBalancerIP"]);
    assert.deepEqual([asking("192.0.2.30"), asking(""), asking("192.0.2.300", "ClusterIP")], [[], [], []]);
  });
});
