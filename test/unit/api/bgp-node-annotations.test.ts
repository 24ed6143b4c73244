import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { annotatedLabel, annotatedPeers } from "../../../src/api/bgp-node-annotations.ts";
import { parsePassword } from "../../../src/api/bgp-password.ts";
import { formatRemote } from "../../../src/api/bgp-peer.ts";
import { address } from "../../support/builders.ts";

const prefix = "metal.equinix.com";

function at(annotations: Readonly<Record<string, string>> | undefined): ReturnType<typeof annotatedPeers> {
  const keyed =
    annotations && Object.fromEntries(Object.entries(annotations).map(([key, text]) => [`${prefix}/${key}`, text]));
  return annotatedPeers({ name: "node1", annotations: keyed }, prefix);
}

/** `asn>asn address` of each peer. */
function peers(annotations: Readonly<Record<string, string>>): readonly string[] {
  const { peers: found, problems, missing } = at(annotations);
  assert.deepEqual([problems, missing], [[], []]);
  return found.map(({ localAsn, asn, remote }) => `${localAsn}>${asn} ${formatRemote(remote)}`);
}

const plain = { "node-asn": "65000", "peer-asn": "65530", "peer-ip": "169.254.255.1", "src-ip": "10.1.40.129" };
const under = (number: number, of: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(of).map(([key, text]) => [`bgp-peers-${number}-${key}`, text]));

describe("S31: Given a prefix and a node without the annotations", () => {
  it("Then there is no peer and no problem, and what is waited for is named", () => {
    for (const annotations of [undefined, {}, { "network-4-private": "10.1.40.128/25" }])
      assert.deepEqual(at(annotations), {
        peers: [],
        problems: [],
        missing: ["node-asn", "peer-asn", "src-ip", "peer-ip"].map((field) => `${prefix}/${field}`),
      });
  });

  it("Then half of them are waited for too, by the keys that the others have", () => {
    assert.deepEqual(at({ "node-asn": "65000", "peer-ip": "169.254.255.1" }).missing, [
      `${prefix}/peer-asn`,
      `${prefix}/src-ip`,
    ]);
    const { peers: none, missing } = at(under(0, { "node-asn": "65000" }));
    assert.deepEqual([none, missing[0]], [[], `${prefix}/bgp-peers-0-peer-asn`]);
  });
});

describe("S32: When the annotations are written", () => {
  it("Then the peer has all of them", () => {
    const { peers: found, problems } = at({ ...plain, "bgp-pass": "czNjcmV0", "peer-multi-hop": "true" });
    assert.deepEqual(problems, []);
    const [peer] = found;
    assert.deepEqual(peer, {
      name: "node1/169.254.255.1",
      uid: "",
      resourceVersion: "",
      generation: 0,
      labels: annotatedLabel,
      status: { down: [], conditions: [] },
      remote: { kind: "address", address: address("169.254.255.1") },
      asn: 65_530,
      localAsn: 65_000,
      port: 179,
      holdTimeSeconds: 90,
      keepaliveTimeSeconds: 30,
      connectTimeSeconds: 10,
      sourceAddress: address("10.1.40.129"),
      routerId: address("10.1.40.129"),
      ebgpMultihop: 50,
      password: { text: "s3cret" },
      gracefulRestart: true,
      families: [4, 6],
    });
  });

  const cases: readonly (readonly [
    what: string,
    annotations: Readonly<Record<string, string>>,
    want: readonly string[],
  ])[] = [
    ["plain keys are read", plain, ["65000>65530 169.254.255.1"]],
    ["keys of peer 0 are read", under(0, plain), ["65000>65530 169.254.255.1"]],
    [
      "keys of peer 0 win over plain ones",
      { ...plain, ...under(0, { ...plain, "peer-asn": "65531" }) },
      ["65000>65531 169.254.255.1"],
    ],
    [
      "several addresses are several peers, each once",
      { ...plain, "peer-ip": "169.254.255.1, 169.254.255.2,169.254.255.1" },
      ["65000>65530 169.254.255.1", "65000>65530 169.254.255.2"],
    ],
    [
      "another peer has from the first what it does not say",
      { ...under(0, plain), "bgp-peers-1-peer-ip": "169.254.255.2" },
      ["65000>65530 169.254.255.1", "65000>65530 169.254.255.2"],
    ],
    [
      "another peer may be of another AS",
      { ...plain, ...under(1, { ...plain, "peer-asn": "65531", "peer-ip": "192.0.2.1" }) },
      ["65000>65530 169.254.255.1", "65000>65531 192.0.2.1"],
    ],
    ["a first peer is not needed", under(3, plain), ["65000>65530 169.254.255.1"]],
    ["an empty password is none", { ...plain, "bgp-pass": "" }, ["65000>65530 169.254.255.1"]],
    ["white space around is nothing", { ...plain, "node-asn": " 65000\n" }, ["65000>65530 169.254.255.1"]],
    [
      "keys of others are nothing",
      { ...plain, "bgp-peers-x-peer-ip": "x", "bgp-peers-00-peer-ip": "x", other: "x" },
      ["65000>65530 169.254.255.1"],
    ],
    [
      "a router of the own AS is right",
      { ...plain, "peer-asn": "65000", "peer-multi-hop": "true" },
      ["65000>65000 169.254.255.1"],
    ],
    ["IPv6 is right", { ...plain, "peer-ip": "2001:db8::1", "src-ip": "2001:db8::2" }, ["65000>65530 2001:db8::1"]],
  ];
  for (const [what, annotations, want] of cases) it(`Then ${what}`, () => assert.deepEqual(peers(annotations), want));

  it("Then of a router of another family than the node's address the kernel chooses the source", () => {
    const [peer] = at({ ...plain, "peer-ip": "2001:db8::1" }).peers;
    assert.deepEqual([peer?.sourceAddress, peer?.routerId], [undefined, address("10.1.40.129")]);
  });
});

describe("S108: what is wrong with a node's annotations", () => {
  const cases: readonly (readonly [annotations: Readonly<Record<string, string>>, key: string, message: RegExp])[] = [
    [{ "node-asn": "AS65000" }, "node-asn", /"AS65000" is no AS number/],
    [{ "node-asn": "065000" }, "node-asn", /is no AS number/],
    [{ "peer-asn": "23456" }, "peer-asn", /AS_TRANS/],
    [{ "src-ip": "10.1.40.0/25" }, "src-ip", /is no IP address/],
    [{ "src-ip": "127.0.0.1" }, "src-ip", /loopback/],
    [{ "peer-ip": "169.254.255.1,router" }, "peer-ip", /"router" is no IP address/],
    [{ "peer-ip": "" }, "peer-ip", /"" is no IP address/],
    [{ "peer-ip": "fe80::1" }, "peer-ip", /link-local/],
    [{ "peer-ip": Array(17).fill("192.0.2.1").join() }, "peer-ip", /lists more than 16/],
    [{ "bgp-pass": "s3cret!" }, "bgp-pass", /is no base64/],
    [{ "peer-multi-hop": "yes" }, "peer-multi-hop", /"yes": expected true or false/],
    [{ "peer-multi-hop": `a${"🙂".repeat(40)}` }, "peer-multi-hop", /^"a(?:🙂){30}…": expected/u],
    [{ "node-asn": `a${"🙂".repeat(40)}` }, "node-asn", /^"a(?:🙂){30}…" is no AS number/u],
  ];
  for (const [changes, key, message] of cases)
    it(`${JSON.stringify(changes).slice(0, 60)} is told by its key`, () => {
      const { problems } = at({ ...plain, ...changes });
      assert.deepEqual(
        problems.map(({ path }) => path),
        [`metadata.annotations[${prefix}/${key}]`],
      );
      assert.match(problems[0]?.message ?? "", message);
    });

  it("never repeats the password", () => {
    const { problems } = at({ ...plain, "bgp-pass": "s3cret!!" });
    assert.doesNotMatch(JSON.stringify(problems), /s3cret/);
  });

  it("leaves the peers that are right", () => {
    const { peers: found, problems } = at({
      ...plain,
      ...under(1, { "peer-ip": "x" }),
      ...under(2, { "peer-ip": "192.0.2.1" }),
    });
    assert.deepEqual([found.length, problems.length], [2, 1]);
  });

  it("is bounded: of more than 16 peers the first are taken", () => {
    const many = Object.assign(
      {},
      plain,
      ...Array.from({ length: 40 }, (_, i) => under(i + 1, { "peer-ip": `192.0.2.${i}` })),
    );
    const { peers: found, problems } = at(many);
    assert.equal(found.length, 16);
    assert.match(problems[0]?.path ?? "", /bgp-peers-16-peer-ip/);
  });
});

describe("a password in base64", () => {
  const cases: readonly (readonly [text: string, want: object])[] = [
    ["", { password: undefined }],
    ["cw==", { password: "s" }],
    ["w7w=", { password: "ü" }],
    ["cw=", { problem: "is no base64" }],
    ["cw", { problem: "is no base64" }],
    ["c w=", { problem: "is no base64" }],
    ["/w==", { problem: "holds bytes that are no UTF-8" }],
    [btoa("x".repeat(81)), { problem: "holds 81 bytes, a password has at most 80" }],
    ["A".repeat(1_000_000), { problem: "is no base64" }],
  ];
  for (const [text, want] of cases)
    it(`"${text.slice(0, 12)}" (${text.length})`, () => assert.deepEqual(parsePassword(text), want));
});

it("whatever stands in annotations, nothing is thrown", () => {
  const field = fc.constantFrom("node-asn", "peer-asn", "src-ip", "peer-ip", "bgp-pass", "peer-multi-hop", "");
  const key = fc
    .tuple(fc.constantFrom("", "bgp-peers-0-", "bgp-peers-1-", "bgp-peers-99999-"), field)
    .map((parts) => parts.join(""));
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom("65000", "192.0.2.1", "2001:db8::1", "true", "czNjcmV0", "192.0.2.1,192.0.2.2"),
  );
  fc.assert(
    fc.property(fc.dictionary(key, text), (annotations) => {
      const { peers: found, missing, problems } = at(annotations);
      assert.ok(found.length > 0 || missing.length > 0 || problems.length > 0);
    }),
    { numRuns: 500 },
  );
});
