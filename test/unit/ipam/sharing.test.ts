import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SharingTerms } from "../../../src/api/sharing.ts";
import { leavers, type Sharer, unshareable } from "../../../src/ipam/sharing.ts";
import { sharingTerms } from "../../support/builders.ts";

const sharer = (key: string, changes: Partial<SharingTerms> = {}): Sharer => {
  const [namespace = "", name = ""] = key.split("/");
  return { namespace, name, terms: sharingTerms(changes) };
};

const keyless = (key: string): Sharer => {
  const { terms: _, ...rest } = sharer(key);
  return rest;
};

const udp = { ports: ["UDP/80"] };
const local = { policy: "Local", ports: ["TCP/81"] } as const;

describe("two Services may share an address", () => {
  const rows: readonly { name: string; a: Sharer; b: Sharer; why?: string }[] = [
    { name: "with other ports", a: sharer("shop/a"), b: sharer("shop/b", { ports: ["TCP/81", "UDP/80"] }) },
    { name: "with one port and two protocols", a: sharer("shop/a"), b: sharer("shop/b", udp) },
    { name: "if one of them has no ports", a: sharer("shop/a"), b: sharer("shop/b", { ports: [] }) },
    { name: "if none of them has ports", a: sharer("shop/a", { ports: [] }), b: sharer("shop/b", { ports: [] }) },
    { name: "with other pods under Cluster", a: sharer("shop/a"), b: sharer("shop/b", { ...udp, selector: "app=b" }) },
    {
      name: "with the same pods under Local",
      a: sharer("shop/a", { policy: "Local", selector: "app=a,tier=front" }),
      b: sharer("shop/b", { ...local, selector: "app=a,tier=front" }),
    },
    { name: "not without a key", a: keyless("shop/a"), b: sharer("shop/b"), why: "shop/a has no sharing key" },
    { name: "not with one who has none", a: sharer("shop/a"), b: keyless("shop/b"), why: "shop/b has no sharing key" },
    {
      name: "not with other keys",
      a: sharer("shop/a"),
      b: sharer("shop/b", { ...udp, key: "back" }),
      why: 'shop/b has sharing key "back", not "front"',
    },
    { name: "not with the same port", a: sharer("shop/a"), b: sharer("shop/b"), why: "shop/b has TCP/80 too" },
    {
      name: "not with one port of several in common",
      a: sharer("shop/a", { ports: ["TCP/443", "TCP/80", "UDP/53"] }),
      b: sharer("shop/b", { ports: ["SCTP/53", "UDP/53"] }),
      why: "shop/b has UDP/53 too",
    },
    {
      name: "not with another traffic policy",
      a: sharer("shop/a"),
      b: sharer("shop/b", local),
      why: "shop/b has externalTrafficPolicy Local, not Cluster",
    },
    {
      name: "not with other pods under Local",
      a: sharer("shop/a", { policy: "Local", selector: "app=a" }),
      b: sharer("shop/b", { ...local, selector: "app=b" }),
      why: "shop/b selects other pods, which externalTrafficPolicy Local does not allow",
    },
    {
      name: "not if several things differ; the key is named first",
      a: sharer("shop/a"),
      b: sharer("blog/b", { key: "back", policy: "Local" }),
      why: 'blog/b has sharing key "back", not "front"',
    },
  ];
  for (const { name, a, b, why } of rows) {
    it(name, () => assert.equal(unshareable(a, b), why));
    it(`${name}: the same the other way round`, () => assert.equal(unshareable(b, a) === undefined, why === undefined));
  }
});

describe("consent of two namespaces", () => {
  const lists = [[], ["a"], ["b"], ["a", "b"], ["c"], ["*"]];
  for (const ofA of lists)
    for (const ofB of lists) {
      const agreed = (ofA.includes("b") || ofA.includes("*")) && (ofB.includes("a") || ofB.includes("*"));
      it(`[${ofA}] of a and [${ofB}] of b: ${agreed ? "they share" : "they do not"}`, () => {
        const a = sharer("a/web", { namespaces: ofA });
        const b = sharer("b/web", { ...udp, namespaces: ofB });
        assert.equal(unshareable(a, b) === undefined, agreed);
        assert.equal(unshareable(b, a) === undefined, agreed);
      });
    }

  it("is named by the one who does not give it", () => {
    const open = sharer("a/web", { namespaces: ["*"] });
    const closed = sharer("b/web", udp);
    assert.equal(unshareable(open, closed), "b/web does not share with namespace a");
    assert.equal(unshareable(closed, open), "b/web does not share with namespace a");
  });

  it("is not needed within one namespace, whatever it lists", () => {
    assert.equal(unshareable(sharer("a/web", { namespaces: ["c"] }), sharer("a/api", udp)), undefined);
  });
});

/** Each holder with what it agreed to and what it says now; the same if nothing is said. */
function leaving(...holders: readonly (readonly [agreed: Sharer, now?: Sharer])[]): readonly string[] {
  return [...leavers(holders.map(([agreed, now = agreed]) => ({ who: agreed.name, agreed, now })))];
}

describe("who must leave a shared address", () => {
  const at = (name: string, port: number, changes: Partial<SharingTerms> = {}): Sharer =>
    sharer(`shop/${name}`, { ports: [`TCP/${port}`], ...changes });
  const [a, b, c] = [at("a", 80), at("b", 81), at("c", 82)];
  const rows = [
    { name: "nobody, if nothing changed", leave: leaving([a], [b]), want: [] },
    { name: "the one that changed, also if it was the first", leave: leaving([a, at("a", 81)], [b]), want: ["a"] },
    { name: "the one that changed, also if it was the last", leave: leaving([a], [b, at("b", 80)]), want: ["b"] },
    { name: "nobody, if the change disturbs nobody", leave: leaving([a], [b, at("b", 90)]), want: [] },
    {
      name: "of several that changed the later one",
      leave: leaving([a, at("a", 90)], [b], [c, at("c", 90)]),
      want: ["c"],
    },
    {
      name: "of several that changed the earlier one, if it alone disturbs",
      leave: leaving([a, at("a", 81)], [b], [c, at("c", 90)]),
      want: ["a"],
    },
    {
      name: "nobody, if all changed alike",
      leave: leaving([a, at("a", 80, { key: "back" })], [b, at("b", 81, { key: "back" })]),
      want: [],
    },
    {
      name: "those that changed alike, if one stays as it was",
      leave: leaving([a, at("a", 80, { key: "back" })], [b, at("b", 81, { key: "back" })], [c]),
      want: ["a", "b"],
    },
    { name: "the one that shares no more", leave: leaving([a, keyless("shop/a")], [b]), want: ["a"] },
    { name: "nobody, if it is alone", leave: leaving([a, keyless("shop/a")]), want: [] },
    {
      name: "the one that takes its consent back, not the one that relies on it",
      leave: leaving(
        [sharer("x/a", { namespaces: ["*"] }), sharer("x/a")],
        [sharer("y/b", { ...udp, namespaces: ["*"] })],
      ),
      want: ["a"],
    },
  ];
  for (const { name, leave, want } of rows) it(name, () => assert.deepEqual(leave, want));
});
