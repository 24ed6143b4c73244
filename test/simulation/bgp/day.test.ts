import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatPrefix } from "../../../src/net/prefix.ts";
import type { RouteAttributes, SessionSettings } from "../../../src/protocols/bgp/session.ts";
import { address, plain, route, settings } from "../../unit/protocols/bgp/session-rig.ts";
import { type Speaker, VirtualLink } from "./link.ts";

const HOUR_MS = 3_600_000;
const gracefulRestart = { restartTimeSeconds: 120 };
const attributes: readonly RouteAttributes[] = [plain, { ...plain, med: 5 }, { ...plain, communities: [1, 2] }];

/** Numbers in 0 to 1 that are always the same for one seed. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Some routes come, go or change. */
function change(link: VirtualLink, speaker: Speaker): void {
  const changed = Array.from({ length: 1 + Math.floor(link.random() * 30) }, () => {
    const number = Math.floor(link.random() * 300);
    const text = number % 2 === 0 ? `10.1.${number >> 8}.${number & 255}/32` : `2001:db8::${number.toString(16)}/128`;
    return route(text, attributes[Math.floor(link.random() * 3)]);
  });
  const goes = link.random() < 0.5;
  for (const one of changed)
    if (goes) speaker.wanted.delete(formatPrefix(one.prefix));
    else speaker.wanted.set(formatPrefix(one.prefix), one);
  speaker.session?.setRoutes(speaker.wanted.values());
  link.settle(speaker);
}

function restart(link: VirtualLink, speaker: Speaker, silently: boolean): void {
  const { session } = speaker;
  if (session === undefined) return;
  if (!silently && link.random() < 0.5) session.stop({ kind: "upgrade" }, link.nowMs);
  link.settle(speaker);
  link.kill(speaker, silently);
  link.after(link.random() * 30_000, () => {
    if (speaker.session === undefined) link.boot(speaker);
  });
}

function pause(link: VirtualLink, speaker: Speaker): void {
  speaker.session?.stop({ kind: "shutdown", text: "later" }, link.nowMs);
  link.settle(speaker);
  link.after(link.random() * 120_000, () => {
    speaker.session?.start(link.nowMs);
    link.settle(speaker);
  });
}

const faults: readonly ((link: VirtualLink, speaker: Speaker) => void)[] = [
  (link) => link.reset(),
  (link) => {
    link.cutUntilMs = link.nowMs + link.random() * 200_000;
  },
  (link, speaker) => restart(link, speaker, false),
  (link, speaker) => restart(link, speaker, true),
  (link, speaker) => {
    speaker.session?.stop({ kind: "configuration" }, link.nowMs);
    speaker.session?.start(link.nowMs);
    link.settle(speaker);
  },
  (link, speaker) => {
    speaker.session?.pathDown(link.nowMs);
    link.settle(speaker);
  },
  (link, speaker) => pause(link, speaker),
];

/** Happens again and again, on average after `everyMs`, until `endMs`. */
function often(link: VirtualLink, everyMs: number, endMs: number, run: (speaker: Speaker) => void): void {
  link.after(link.random() * 2 * everyMs, () => {
    if (link.nowMs > endMs) return;
    run(link.speakers[link.random() < 0.5 ? 0 : 1]);
    often(link, everyMs, endMs, run);
  });
}

/** A day with a fault every five minutes, and ten minutes of peace at its end. */
function day(own: readonly [SessionSettings, SessionSettings], seed: number): VirtualLink {
  const link = new VirtualLink(own, chance(seed));
  for (const speaker of link.speakers) link.boot(speaker);
  const endMs = 24 * HOUR_MS - 600_000;
  often(link, 300_000, endMs, (speaker) => faults[Math.floor(link.random() * faults.length)]?.(link, speaker));
  often(link, 60_000, endMs, (speaker) => change(link, speaker));
  link.run(24 * HOUR_MS);
  return link;
}

const peer = { localAsn: 64_500, peerAsn: 64_512, routerId: address("10.0.0.2") };
const cases: readonly { name: string; own: readonly [SessionSettings, SessionSettings] }[] = [
  {
    name: "that can restart gracefully, both connecting",
    own: [settings({ gracefulRestart }), settings({ ...peer, gracefulRestart })],
  },
  {
    name: "of which one waits, with a short hold time",
    own: [
      settings({ holdTimeSeconds: 9, keepaliveSeconds: 3 }),
      settings({ ...peer, holdTimeSeconds: 9, keepaliveSeconds: 3, passive: true }),
    ],
  },
  {
    name: "of one autonomous system, of which one restarts gracefully",
    own: [
      settings({ peerAsn: 64_512, connectRetrySeconds: 30, gracefulRestart }),
      settings({ ...peer, localAsn: 64_512, connectRetrySeconds: 2 }),
    ],
  },
];

describe("A day of two sessions over a faulty link", () => {
  for (const [seed, { name, own }] of cases.entries())
    it(`ends with all routes known on both sides: two ${name}`, () => {
      const link = day(own, 1 + seed);
      for (const speaker of link.speakers) {
        const learnt = link.learnt(speaker);
        assert.ok(learnt !== undefined, "no session is established");
        assert.deepEqual([...learnt.routes.keys()].sort(), [...speaker.wanted.keys()].sort());
        assert.ok(learnt.routes.size > 50);
        assert.ok(speaker.establishedMs > 12 * HOUR_MS, `established for ${speaker.establishedMs} ms`);
        assert.ok((speaker.session?.describe(link.nowMs).counters.established ?? 0) > 0);
      }
    });
});
