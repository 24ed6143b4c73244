import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type PoolObject, parsePool } from "../../src/api/ip-pool.ts";
import { vipNodeStatusObject } from "../../src/api/vip-node.ts";
import { formatAddress, objectName, parseAddress } from "../../src/net/address.ts";
import type { ApiError } from "../lab/api-client.ts";
import type { ControlPlane } from "../lab/control-plane.ts";
import { startWithCrds, verdict } from "../support/crd-plane.ts";

const group = "/apis/herald.dev/v1beta1";
let plane: ControlPlane;

before(async () => {
  plane = await startWithCrds();
});
after(() => plane?.stop());

const ofPool = (spec: object): Promise<string> => verdict(plane, "IPPool", "public", spec);
const ofAddresses = (...addresses: readonly string[]): Promise<string> => ofPool({ addresses });

describe("an IPPool", () => {
  const right: readonly string[] = [
    "192.0.2.0/24",
    "192.0.2.7/24",
    "192.0.2.1-192.0.2.9",
    "192.0.2.1 - 192.0.2.9",
    "192.0.2.255-192.0.3.0",
    "192.0.2.7",
    "2001:DB8::1-2001:db8::9",
    "2001:db8::/112",
  ];
  for (const text of right) it(`may hold ${text}`, async () => assert.equal(await ofAddresses(text), ""));

  const unparsable = /spec\.addresses\[0\]: .*expected a CIDR, a range first-last or an address/;
  const wrong: readonly (readonly [what: string, text: string, message: RegExp])[] = [
    ["what is no address", "web", unparsable],
    ["an octet beyond 255", "192.0.2.256", unparsable],
    ["a prefix length beyond the family's", "192.0.2.0/33", unparsable],
    ["leading zeros", "192.0.2.007", unparsable],
    ["leading zeros at the end of a range", "192.0.2.1-192.0.2.09", unparsable],
    ["an IPv4-mapped address", "::ffff:192.0.2.7", unparsable],
    ["a zone", "fe80::1%eth0", unparsable],
    ["three ends", "192.0.2.1-192.0.2.2-192.0.2.3", unparsable],
    ["half a range", "192.0.2.1-", unparsable],
    ["a range of CIDRs", "192.0.2.0/25-192.0.2.128/25", unparsable],
    ["a reversed range", "192.0.2.9-192.0.2.1", /spec\.addresses\[0\]: .*the range ends before it starts/],
    ["a range reversed in the third octet", "192.0.3.0-192.0.2.255", /ends before it starts/],
    ["two families in a range", "192.0.2.1-2001:db8::1", /ends of a range must be of one family/],
    ["an over-long text", "1".repeat(94), /spec\.addresses\[0\]: Too long/],
  ];
  for (const [what, text, message] of wrong) {
    it(`may not hold ${what}`, async () => assert.match(await ofAddresses(text), message));
    it(`may not exclude ${what}`, async () => {
      const said = await ofPool({ addresses: ["192.0.2.0/24"], exclude: [text] });
      assert.match(said, new RegExp(message.source.replace("addresses", "exclude")));
    });
  }

  it("is told all that is wrong at once", async () => {
    const said = await ofAddresses("web", "192.0.2.1", "192.0.2.9-192.0.2.1");
    assert.match(said, /spec\.addresses\[0\].*spec\.addresses\[2\]/);
  });

  const shapes: readonly (readonly [what: string, spec: object, message: RegExp])[] = [
    ["no addresses", {}, /spec\.addresses: Required value/],
    ["an empty list of addresses", { addresses: [] }, /spec\.addresses: .*at least 1 items/],
    ["129 addresses", { addresses: Array(129).fill("192.0.2.1") }, /spec\.addresses: Too many/],
    ["an unknown order", { order: "Random" }, /spec\.order: Unsupported value: "Random"/],
    ["an unknown mode", { announcement: { arp: { mode: "Bridge" } } }, /announcement\.arp\.mode: Unsupported value/],
    ["a mistyped field", { adresses: [] }, /unknown field "spec\.adresses"/],
    ["an interface name that none can have", { announcement: { arp: { interfaces: ["a b"] } } }, /interfaces\[0\]/],
    [
      "a selector without values",
      { services: { serviceSelector: expression({ operator: "In" }) } },
      /values are needed/,
    ],
    ["a namespace twice", { services: { namespaces: ["a", "a"] } }, /namespaces\[1\]: Duplicate value/],
  ];
  for (const [what, spec, message] of shapes) {
    const whole = "addresses" in spec || what === "no addresses" ? spec : { addresses: ["192.0.2.1"], ...spec };
    it(`may not have ${what}`, async () => assert.match(await ofPool(whole), message));
  }

  it("gets its defaults from the API server, and they are those that Herald reads into an absent field", async () => {
    const body = { apiVersion: "herald.dev/v1beta1", kind: "IPPool", metadata: { name: "plain" } };
    const spec = { addresses: ["192.0.2.0/24"] };
    const stored = await plane.api.call<PoolObject>("POST", `${group}/ippools?dryRun=All`, { ...body, spec });
    const { announcement, ...rest } = stored.spec;
    assert.deepEqual(announcement, { arp: { mode: "Responder", conflictCheck: "On" } });
    assert.deepEqual(rest, {
      ...spec,
      skipEnds: false,
      avoidBuggyIPs: false,
      order: "Ascending",
      automatic: true,
      priority: 0,
      paused: false,
      reuse: { rememberFor: "24h", coolDownFor: "5m", coolDown: "Prefer" },
    });
    assert.deepEqual(parsePool(stored), parsePool({ ...stored, spec }));
  });
});

function expression(requirement: object): object {
  return { matchExpressions: [{ key: "tier", ...requirement }] };
}

describe("a VIPAdvertisement", () => {
  const ofAddress = (name: string, address: string): Promise<string> =>
    verdict(plane, "VIPAdvertisement", name, { address });

  const texts = [
    "0.0.0.0",
    "203.0.113.7",
    "255.255.255.255",
    "2001:db8:5::7",
    "2001:db8:0:1:1:1:1:1",
    "2001:0:0:1::1",
    "2001:db8::1:0:0:1",
    "fd50::",
    "::ffff:0:0:1",
    "1:2:3:4:5:6:7:8",
    "64:ff9b::c000:207",
  ];
  for (const text of texts) {
    it(`for ${text} has the name and the text that Herald writes`, async () => {
      const address = parseAddress(text);
      assert.ok(address);
      assert.equal(formatAddress(address), text);
      assert.equal(await ofAddress(objectName(address), text), "");
    });
  }

  const wrongName = /the name must be the address/;
  const wrongText = /spec\.address: .*expected an address in canonical text/;
  const wrong: readonly (readonly [what: string, name: string, address: string, message: RegExp])[] = [
    ["another address's name", "203-0-113-8", "203.0.113.7", wrongName],
    ["a free name", "web", "203.0.113.7", wrongName],
    ["a shortened IPv6 name", "2001-db8-5--7", "2001:db8:5::7", wrongName],
    ["another IPv6 address's name", "2001-0db8-0005-0000-0000-0000-0000-0008", "2001:db8:5::7", wrongName],
    ["a non-canonical IPv6 text", "2001-0db8-0005-0000-0000-0000-0000-0007", "2001:0db8:5::7", wrongText],
    ["an upper-case IPv6 text", "2001-0db8-0005-0000-0000-0000-0000-0007", "2001:DB8:5::7", wrongText],
    ["an IPv4-mapped address", "0000-0000-0000-0000-0000-ffff-cb00-7107", "::ffff:203.0.113.7", wrongText],
    ["leading zeros", "203-0-113-07", "203.0.113.07", wrongText],
    ["what is no address", "web", "web", wrongText],
  ];
  for (const [what, name, address, message] of wrong) {
    it(`is refused with ${what}`, async () => assert.match(await ofAddress(name, address), message));
  }

  it("exists once for an address, keeps it, and is found by its fields", async () => {
    const path = `${group}/vipadvertisements`;
    const services = [{ namespace: "shop", name: "web", uid: "u" }];
    const spec = { address: "203.0.113.7", pool: "public", group: "lan-1", node: "node2", services };
    const body = {
      apiVersion: "herald.dev/v1beta1",
      kind: "VIPAdvertisement",
      metadata: { name: "203-0-113-7" },
      spec,
    };
    await plane.api.call("POST", path, body);
    await assert.rejects(plane.api.call("POST", path, body), (error: ApiError) => error.status === 409);
    await assert.rejects(
      plane.api.call("PATCH", `${path}/203-0-113-7`, { spec: { address: "203.0.113.8" } }),
      /the address never changes/,
    );
    await assert.rejects(plane.api.call("PATCH", `${path}/203-0-113-7`, { spec: null }), /Required value/);
    for (const [field, value] of Object.entries({
      address: "203.0.113.7",
      pool: "public",
      group: "lan-1",
      node: "node2",
    })) {
      const found = async (wanted: string): Promise<number> => {
        const list = `${path}?fieldSelector=spec.${field}%3D${wanted}`;
        return (await plane.api.call<{ items: unknown[] }>("GET", list)).items.length;
      };
      assert.deepEqual([await found(value), await found("other")], [1, 0]);
    }
    const [header, row] = (await plane.kubectl(["get", "vip"])).split("\n");
    assert.match(header ?? "", /^NAME +ADDRESS +POOL +SERVICE +PROTOCOL +HOLDER +READY +AGE$/);
    assert.match(row ?? "", /^203-0-113-7 +203\.0\.113\.7 +public/);
  });
});

describe("a VIPGroup", () => {
  const spec = { lan: "192.168.50.0/24", members: ["node1", "node2"] };
  const cases: readonly (readonly [what: string, spec: object, message: RegExp])[] = [
    ["with a LAN and its nodes is taken", spec, /^$/],
    ["with host bits in its LAN is refused", { ...spec, lan: "192.168.50.1/24" }, /without host bits/],
    ["without members is refused", { ...spec, members: [] }, /at least 1 items/],
    ["of eight is refused", { ...spec, members: [..."abcdefgh"] }, /must have at most 7 items/],
    ["with a node twice is refused", { ...spec, members: ["a", "a"] }, /Duplicate value/],
    ["with a witness is taken", { ...spec, witness: true }, /^$/],
    [
      "that is forced with a witness is refused",
      { ...spec, witness: true, forced: true },
      /a forced list has no witness/,
    ],
    ["of two by Lease is refused", { ...spec, byLease: true }, /only a group of one node goes by its Lease/],
    ["of one by Lease is taken", { ...spec, members: ["node1"], byLease: true }, /^$/],
  ];
  for (const [what, value, message] of cases) {
    it(what, async () => assert.match(await verdict(plane, "VIPGroup", "lan-1", value), message));
  }
});

describe("a VIPAdvertisement", () => {
  const spec = { address: "203.0.113.8", group: "lan-1", node: "node1" };
  const cases: readonly (readonly [what: string, spec: object, message: RegExp])[] = [
    ["may name nobody who may hold it", { ...spec, candidates: [] }, /^$/],
    ["names no more candidates than a group has members", { ...spec, candidates: [..."abcdefgh"] }, /at most 7 items/],
    ["names nobody twice", { ...spec, candidates: ["a", "a"] }, /Duplicate value/],
  ];
  for (const [what, value, message] of cases)
    it(what, async () => assert.match(await verdict(plane, "VIPAdvertisement", "203-0-113-8", value), message));
});

it("a person drains a VIPNode, which shows that and who votes where", async () => {
  const path = `${group}/vipnodes`;
  const kind = { apiVersion: "herald.dev/v1beta1", kind: "VIPNode" };
  await plane.api.call("POST", path, { ...kind, metadata: { name: "node1" } });
  await plane.kubectl(["patch", "vipnode", "node1", "--type=merge", "-p", '{"spec":{"drain":true}}']);
  const seen = { name: "lan-1", epoch: 2, quorum: true, hears: ["node2"] };
  const announcing = [{ protocol: "ARP", interface: "eth0", addresses: ["203.0.113.7"] }] as const;
  const status = { interfaces: [], gateways: [], announcing, refusing: [], groups: [seen], conditions: [] };
  const object = vipNodeStatusObject({ ...status, announcing: [{ ...announcing[0], addresses: [] }] });
  await plane.api.call("PATCH", `${path}/node1/status`, { status: { ...object, announcing, addresses: 1 } });
  const [header, row] = (await plane.kubectl(["get", "vipnode", "node1"])).split("\n");
  assert.match(header ?? "", /^NAME +ADDRESSES +GROUPS +DRAIN +DRAINED +AGE$/);
  assert.match(row ?? "", /^node1 +1 +lan-1 +true/);
});

it("kubectl explain tells what a field means", async () => {
  const said = await plane.kubectl(["explain", "ippools.herald.dev.spec.announcement.arp.conflictCheck"]);
  assert.match(said.replaceAll(/\s+/g, " "), /On: before an address is used for the first time the LAN is asked/);
});

it("kubectl get herald lists all of Herald's resources", async () => {
  const kinds = await plane.kubectl(["api-resources", "--categories=herald", "-o", "name"]);
  assert.deepEqual(kinds.trim().split("\n").toSorted(), [
    "bgppeers.herald.dev",
    "ippools.herald.dev",
    "vipadvertisements.herald.dev",
    "vipgroups.herald.dev",
    "vipnodes.herald.dev",
  ]);
});
