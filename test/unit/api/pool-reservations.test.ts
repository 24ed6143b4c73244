import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type PoolObject, parsePool } from "../../../src/api/ip-pool.ts";
import { reservation } from "../../support/builders.ts";

type Spec = PoolObject["spec"];

function parse(texts: readonly string[], spec: Partial<Spec> = {}): ReturnType<typeof parsePool> {
  const reservations = texts.map((address) => ({ address, namespace: "shop", name: "web" }));
  return parsePool({ metadata: { name: "public" }, spec: { addresses: ["192.0.2.0/24"], reservations, ...spec } });
}

describe("the reservations of a pool", () => {
  it("are of both families, and their text need not be the canonical one", () => {
    const parsed = parse(["192.0.2.7", "2001:DB8:0::7"], { addresses: ["192.0.2.0/24", "2001:db8::/64"] });
    assert.ok("value" in parsed);
    assert.deepEqual(parsed.value.reservations, [
      reservation("192.0.2.7", "shop/web"),
      reservation("2001:db8::7", "shop/web"),
    ]);
  });

  it("may be all that the pool has, also where it gives nothing unasked", () => {
    const parsed = parse(["192.0.2.7"], { addresses: ["192.0.2.7"], automatic: false });
    assert.ok("value" in parsed);
    assert.deepEqual(parsed.warnings, []);
  });

  const wrong: readonly { name: string; texts: readonly string[]; spec?: Partial<Spec>; want: readonly string[] }[] = [
    {
      name: "a text that is no address",
      texts: ["192.0.2.7", "192.0.2.08", "192.0.2.0/28"],
      want: ['1 "192.0.2.08" is no IP address', '2 "192.0.2.0/28" is no IP address'],
    },
    { name: "an address outside", texts: ["192.0.3.7"], want: ["0 192.0.3.7 lies outside the pool's addresses"] },
    {
      name: "an excluded address",
      texts: ["192.0.2.7", "192.0.2.8"],
      spec: { exclude: ["192.0.2.8/29"] },
      want: ["1 192.0.2.8 is never given"],
    },
    {
      name: "an end",
      texts: ["192.0.2.0", "192.0.2.255"],
      spec: { skipEnds: true },
      want: ["0 192.0.2.0 is never given", "1 192.0.2.255 is never given"],
    },
    {
      name: "an address that avoidBuggyIPs takes out",
      texts: ["10.0.1.0", "10.0.1.255", "10.0.1.1"],
      spec: { addresses: ["10.0.0.0/16"], avoidBuggyIPs: true },
      want: ["0 10.0.1.0 is never given", "1 10.0.1.255 is never given"],
    },
    {
      name: "an address with a purpose of its own",
      texts: ["127.0.0.7"],
      spec: { addresses: ["127.0.0.0/8"] },
      want: ["0 127.0.0.7 is never given"],
    },
    {
      name: "an address twice, however it is written",
      texts: ["2001:db8::7", "2001:DB8:0::7", "2001:db8::7"],
      spec: { addresses: ["2001:db8::/64"] },
      want: [
        "1 2001:db8::7 is already reserved by spec.reservations[0].address",
        "2 2001:db8::7 is already reserved by spec.reservations[0].address",
      ],
    },
  ];
  for (const { name, texts, spec, want } of wrong)
    it(`may not have ${name}`, () => {
      const parsed = parse(texts, spec);
      assert.ok("problems" in parsed);
      const said = parsed.problems.map(({ path, message }) => ({ path, message: message.replace(/: .*/, "") }));
      assert.deepEqual(
        said,
        want.map((text) => ({
          path: `spec.reservations[${text[0]}].address`,
          message: text.slice(2).replace(/: .*/, ""),
        })),
      );
    });

  it("an IPv6 address that ends in ff is one that avoidBuggyIPs leaves", () => {
    assert.ok("value" in parse(["2001:db8::ff"], { addresses: ["2001:db8::/64"], avoidBuggyIPs: true }));
  });
});
