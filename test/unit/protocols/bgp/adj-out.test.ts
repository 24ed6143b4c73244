import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatPrefix, type Prefix } from "../../../../src/net/prefix.ts";
import { AdjOut } from "../../../../src/protocols/bgp/adj-out.ts";
import type { Export, RouteAttributes, WantedRoute } from "../../../../src/protocols/bgp/adj-out-export.ts";
import type { RouteChanges } from "../../../../src/protocols/bgp/message.ts";
import { address, plain, prefix, route } from "./session-rig.ts";

const all = Number.MAX_SAFE_INTEGER;

/** Every route goes by this next hop, but those with a MED of 666, and without one none of IPv6. */
const exportsBy =
  (hop: string, takes6 = true): Export =>
  (family, { prepend, med, ...attributes }) => {
    if (med === 666) return { absent: "too bad" };
    if (family === 6 && !takes6) return { absent: "no address" };
    return { origin: "igp", asPath: Array(prepend).fill(1), nextHop: { address: address(hop) }, ...attributes };
  };
const exports = exportsBy("192.0.2.1");

function up(...routes: WantedRoute[]): AdjOut {
  const out = new AdjOut();
  out.set(routes);
  out.begin([4, 6], exports);
  return out;
}

/** `+prefix` and `-prefix`. */
function shown({ announced, withdrawn }: RouteChanges): readonly string[] {
  return [
    ...withdrawn.map((gone) => `-${formatPrefix(gone)}`),
    ...announced.map((new_) => `+${formatPrefix(new_.prefix)}`),
  ];
}

const [a, b, c] = [route("192.0.2.10/32"), route("2001:db8::10/128"), route("192.0.2.12/32")] as const;
const other: RouteAttributes = { ...plain, med: 5 };

describe("AdjOut", () => {
  it("tells all routes once when a session comes up", () => {
    const out = up(a, b);
    assert.equal(out.pending, true);
    assert.deepEqual(shown(out.take(all)), ["+192.0.2.10/32", "+2001:db8::10/128"]);
    assert.deepEqual(out.takeEnds(), [4, 6]);
    assert.equal(out.pending, false);
    assert.deepEqual(shown(out.take(all)), []);
    assert.deepEqual(out.takeEnds(), []);
  });

  it("keeps nothing to tell while no session is up", () => {
    const out = new AdjOut();
    out.set([a, b]);
    out.set([b, c]);
    out.refresh(4);
    assert.equal(out.pending, false);
    assert.deepEqual(out.counts, { wanted: 2, told: 0, waiting: 0 });
  });

  const changes: readonly { name: string; change: (out: AdjOut) => void; want: readonly string[] }[] = [
    { name: "a new route", change: (out) => out.set([a, b, c]), want: ["+192.0.2.12/32"] },
    { name: "a route that goes", change: (out) => out.set([b]), want: ["-192.0.2.10/32"] },
    {
      name: "other attributes",
      change: (out) => out.set([{ ...a, attributes: other }, b]),
      want: ["+192.0.2.10/32"],
    },
    {
      name: "the same attributes in another object",
      change: (out) => out.set([{ ...a, attributes: { ...plain } }, b]),
      want: [],
    },
    {
      name: "a withdrawal that is taken back",
      change: (out) => {
        out.set([b]);
        out.set([a, b]);
      },
      want: [],
    },
    {
      name: "a route that came and went",
      change: (out) => {
        out.set([a, b, c]);
        out.set([a, b]);
      },
      want: [],
    },
    {
      name: "a change of attributes that is taken back",
      change: (out) => {
        out.set([{ ...a, attributes: other }, b]);
        out.set([a, b]);
      },
      want: [],
    },
    {
      name: "all routes anew, one changed",
      change: (out) => out.set([a, c]),
      want: ["-2001:db8::10/128", "+192.0.2.12/32"],
    },
    { name: "the same routes again", change: (out) => out.set([b, a]), want: [] },
    {
      name: "a route that cannot be sent any more",
      change: (out) => out.set([{ ...a, attributes: { ...plain, med: 666 } }, b]),
      want: ["-192.0.2.10/32"],
    },
    { name: "all of a family again", change: (out) => out.refresh(4), want: ["+192.0.2.10/32"] },
    {
      name: "all by another next hop",
      change: (out) => out.exportBy(exportsBy("192.0.2.2")),
      want: ["+192.0.2.10/32", "+2001:db8::10/128"],
    },
    { name: "the same next hop, said again", change: (out) => out.exportBy(exportsBy("192.0.2.1")), want: [] },
    {
      name: "a next hop that is gone",
      change: (out) => out.exportBy(exportsBy("192.0.2.1", false)),
      want: ["-2001:db8::10/128"],
    },
    {
      name: "a next hop that is back before anything was sent",
      change: (out) => {
        out.exportBy(exportsBy("192.0.2.1", false));
        out.exportBy(exports);
      },
      want: [],
    },
    {
      name: "a route that goes while its family is wanted again",
      change: (out) => {
        out.refresh(4);
        out.set([b]);
      },
      want: ["-192.0.2.10/32"],
    },
  ];
  for (const { name, change, want } of changes)
    it(`tells of ${name}: ${want.join(", ") || "nothing"}`, () => {
      const out = up(a, b);
      out.take(all);
      change(out);
      assert.deepEqual(shown(out.take(all)), want);
    });
});

describe("AdjOut over a session's life", () => {
  it("says End-of-RIB only once the routes are known, and all of them told", () => {
    const out = new AdjOut();
    out.begin([4], exports);
    assert.deepEqual([out.pending, out.takeEnds()], [false, []]);
    out.set([a, c]);
    out.take(1);
    assert.deepEqual(out.takeEnds(), []);
    out.take(1);
    assert.deepEqual(out.takeEnds(), [4]);
  });

  it("says End-of-RIB for no routes at all", () => {
    const out = up();
    assert.equal(out.pending, true);
    assert.deepEqual(out.takeEnds(), [4, 6]);
  });

  it("takes no more than it is asked for", () => {
    const out = up(a, b, c);
    assert.equal(out.take(2).announced.length, 2);
    assert.equal(out.pending, true);
    assert.equal(out.take(2).announced.length, 1);
  });

  it("knows nothing of the last session's peer", () => {
    const out = up(a);
    out.take(all);
    out.end();
    out.set([]);
    out.begin([4], exports);
    assert.deepEqual(shown(out.take(all)), []);
    out.set([a]);
    assert.deepEqual(shown(out.take(all)), ["+192.0.2.10/32"]);
  });
});

describe("What is absent", () => {
  const bad = (...texts: readonly string[]) => texts.map((text) => route(text, { ...plain, med: 666 }));

  it("is found once, however often it is asked for", () => {
    const out = up(a, ...bad("192.0.2.66/32"));
    const before = out.absences;
    assert.deepEqual(before, [{ prefix: prefix("192.0.2.66/32"), reason: "too bad" }]);
    out.take(all);
    out.refresh(4);
    assert.equal(out.absences, before);
  });

  it("is the same list after a change that leaves it as it is, and another after one that does not", () => {
    const out = up(a, ...bad("192.0.2.66/32"));
    const before = out.absences;
    out.set([c, ...bad("192.0.2.66/32")]);
    assert.equal(out.absences, before);
    out.set([c, ...bad("192.0.2.66/32", "192.0.2.67/32")]);
    assert.equal(out.absences.length, 2);
    out.exportBy(exportsBy("192.0.2.1", false));
    out.set([c, b]);
    assert.deepEqual(out.absences, [{ prefix: b.prefix, reason: "no address" }]);
  });

  it("is nothing while no session is up, and 10,000 at most", () => {
    const many = Array.from({ length: 10_001 }, (_, i) => `10.0.${i >> 8}.${i & 255}/32`);
    const out = up(...bad(...many));
    assert.equal(out.absences.length, 10_000);
    out.end();
    assert.deepEqual(out.absences, []);
  });
});

const attributes = [plain, other, { ...plain, med: 666 }, { ...plain, communities: [1] }] as const;
const prefixes = Array.from({ length: 6 }, (_, number) => prefix(`192.0.2.${number}/32`));
const some = fc.constantFrom(...prefixes);
const wanted = fc.record({ prefix: some, attributes: fc.constantFrom(...attributes) });
const act = fc.oneof(
  fc.record({ announced: fc.array(wanted, { maxLength: 3 }), withdrawn: fc.array(some, { maxLength: 3 }) }),
  fc.record({ set: fc.array(wanted, { maxLength: 6 }) }),
  fc.record({ take: fc.nat(4) }),
  fc.constant("refresh" as const),
  fc.record({ move: fc.constantFrom("192.0.2.1", "192.0.2.2") }),
);

type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

/** What a peer knows that is told everything. */
class Knowing {
  readonly routes = new Map<string, unknown>();

  told({ announced, withdrawn }: RouteChanges): void {
    for (const gone of withdrawn) assert.ok(this.routes.delete(formatPrefix(gone)), "withdraws what is not there");
    for (const { prefix: to, attributes: path } of announced) this.routes.set(formatPrefix(to), path);
  }
}

/** What is wished for, and by which next hop. */
class Wishes {
  hop = "192.0.2.1";
  readonly #routes = new Map<string, WantedRoute>();

  get routes(): readonly WantedRoute[] {
    return [...this.#routes.values()];
  }

  change(announced: readonly WantedRoute[], withdrawn: readonly Prefix[]): void {
    for (const gone of withdrawn) this.#routes.delete(formatPrefix(gone));
    for (const one of announced) this.#routes.set(formatPrefix(one.prefix), one);
  }

  set(routes: readonly WantedRoute[]): void {
    this.#routes.clear();
    this.change(routes, []);
  }

  /** What a peer is to know. */
  told(): ReadonlyMap<string, unknown> {
    const sends = exportsBy(this.hop);
    const paths = this.routes.map(
      ({ prefix: to, attributes: own }) => [formatPrefix(to), sends(to.address.family, own)] as const,
    );
    return new Map(paths.filter(([, path]) => !("absent" in path)));
  }
}

type Parties = { readonly out: AdjOut; readonly peer: Knowing; readonly wishes: Wishes };

function perform({ out, peer, wishes }: Parties, act: Act): void {
  if (act === "refresh") out.refresh(4);
  else if ("take" in act) peer.told(out.take(act.take));
  else if ("move" in act) {
    wishes.hop = act.move;
    out.exportBy(exportsBy(act.move));
  } else {
    if ("set" in act) wishes.set(act.set);
    else wishes.change(act.announced, act.withdrawn);
    out.set(wishes.routes);
  }
}

describe("Any peer", () => {
  it("comes to know what is wanted, however changes, refreshes, next hops and sending are mixed", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const [out, peer, wishes] = [up(), new Knowing(), new Wishes()];
        for (const one of acts) perform({ out, peer, wishes }, one);
        peer.told(out.take(all));
        assert.deepEqual(peer.routes, wishes.told());
        assert.equal(out.counts.told, peer.routes.size);
      }),
    );
  });
});
