/**
 * Herald's BGP with BIRD 2, FRR and GoBGP: every way to speak with them, with everything that can be used on the way. All sessions
 * live at once in one speaker, and go together through what happens to them. What is found is the table of docs/bgp-interop.md.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { BgpSessionReport } from "../../src/speaker/bgp-messages.ts";
import { eventually } from "../support/eventually.ts";
import {
  type Cell,
  cells,
  cellWords,
  isOfMatrix,
  type RouterName,
  routers,
  transports,
  type VariantName,
} from "./bgp-interop-cells.ts";
import { absence, type InteropLab, interopLab, skipped } from "./bgp-interop-lab.ts";
import { expectedRoutes, type Kind, peerOf, routesOf } from "./bgp-interop-session.ts";
import { type Findings, interopTable, tableInDocs, writeTable } from "./bgp-interop-table.ts";

const names = Object.keys(routers) as readonly RouterName[];
const present = names.filter((name) => absence(name) === undefined);
const matrix = cells.filter(isOfMatrix);
const findings: Findings = new Map();
const withinMs = 40_000;
let lab: InteropLab;

before(async () => {
  if (present.length > 0) lab = await interopLab();
});

after(async () => {
  await lab?.stop();
});

/** A test of each of these cells, which is skipped where the cell cannot be. */
function each(of: readonly Cell[], what: string, test: (cell: Cell) => Promise<void>): void {
  for (const cell of of) {
    it(`${cellWords(cell)}: ${what}`, { skip: skipped(cell) ?? false }, async () => {
      const found = findings.get(cell) ?? [];
      findings.set(cell, [...found, false]);
      await test(cell);
      findings.set(cell, [...found, true]);
    });
  }
}

const isGraceful = ({ variant }: Cell): boolean => variant === "restart" || variant === "restartBfd";

const isUp = (report: BgpSessionReport): boolean => report.state === "Established";

/** Up, and watched by BFD where that is used. */
const isWhole = (report: BgpSessionReport): boolean => isUp(report) && (report.bfd?.state ?? "Up") === "Up";

/** Whether the last NOTIFICATION of a report went this way and said this. */
const told =
  (direction: "sent" | "received", text: RegExp) =>
  ({ lastNotification: last }: BgpSessionReport): boolean =>
    last?.direction === direction && text.test(last.text);

/** Waits for such a report of a session; a failure shows the last one. */
async function reported(
  cell: Cell,
  what: string,
  is: (report: BgpSessionReport) => boolean,
): Promise<BgpSessionReport> {
  const ask = (): BgpSessionReport | undefined =>
    [lab.report(cell)].find((report) => report !== undefined && is(report));
  return eventually(what, ask, withinMs).catch(() => assert.fail(`not ${what}: ${JSON.stringify(lab.report(cell))}`));
}

/** Waits until the router has exactly these routes of a cell. */
async function sees(cell: Cell, ...which: readonly Kind[]): Promise<void> {
  const expected = expectedRoutes(cell, which);
  let seen: unknown;
  const ask = async (): Promise<true> => {
    seen = await lab.routesOf(cell);
    assert.deepEqual(seen, expected);
    return true;
  };
  await eventually("the routes are there", ask, withinMs).catch(() => {
    assert.deepEqual(seen, expected, `the router has other routes; Herald says ${JSON.stringify(lab.report(cell))}`);
  });
}

describe("Given a session, Then it is up, and the router has the routes with exactly their attributes", () => {
  each(matrix, "up", async (cell) => {
    await sees(cell, "rich", "plain");
    const up = await reported(cell, "up, with BFD", isWhole);
    assert.deepEqual([up.absent, up.lastError], [[], undefined]);
  });
});

describe("What goes wrong is said in words", () => {
  const of = (variant: VariantName): readonly Cell[] => cells.filter((cell) => cell.variant === variant);

  each(of("password"), "said, and up once it is right", async (cell) => {
    const words = /^connect to \S+ port 179: no answer for 5 s; a wrong password looks like this$/;
    await reported(cell, "refused", ({ lastError = "" }) => words.test(lastError));
    const right = peerOf(cell);
    lab.say({ ...right, transport: { ...(right.transport as object), password: "right" } });
    await sees(cell, "rich", "plain");
  });

  each(of("asn"), "the router's NOTIFICATION", async (cell) => {
    await reported(cell, "refused", told("received", /^bad peer AS \(2\/2\)/));
  });

  each(of("limit"), "the router's NOTIFICATION", async (cell) => {
    const isRefused = told("received", /^maximum number of prefixes reached \(6\/1\)/);
    let asked = 0;
    await reported(cell, "ended by the router", (report) => {
      // FRR counts a moment later than it takes: it needs one more after those that are too many.
      if (asked++ % 20 === 0) lab.say(routesOf(cell, asked % 40 === 1 ? ["rich", "plain", "more"] : ["rich", "plain"]));
      return !isUp(report) && isRefused(report);
    });
  });

  each(of("capability"), "up without that family", async (cell) => {
    await sees(cell, "rich", "plain");
    const [taken] = transports[cell.transport].families;
    const up = await reported(cell, "up", (report) => isUp(report) && report.announced === 2);
    assert.deepEqual(up.established?.families, [taken]);
    const reasons = up.absent.map(({ reason }) => reason);
    assert.deepEqual(reasons, Array(2).fill(`the peer does not take IPv${taken === 4 ? 6 : 4} routes`));
  });

  each(of("required"), "our NOTIFICATION", async (cell) => {
    await reported(cell, "refused", told("sent", /^unsupported capability \(2\/7\).*: the peer lacks /));
  });
});

describe("When routes are withdrawn, Then they go, and the others stay as they are", () => {
  before(() => {
    for (const cell of matrix) lab?.say(routesOf(cell, ["rich"]));
  });
  each(matrix, "withdraw", (cell) => sees(cell, "rich"));
});

describe("When the router is killed and begins anew, Then it has the routes again", () => {
  before(async () => {
    await Promise.all(present.map((name) => lab.router(name).kill()));
    await Promise.all(present.map((name) => lab.router(name).start()));
  });
  each(matrix, "router's restart", async (cell) => {
    await sees(cell, "rich");
    await reported(cell, "up, with BFD", isWhole);
  });
});

describe("When the speaker ends for an upgrade and another begins", () => {
  const before: Partial<Record<RouterName, number>> = {};
  const prefixesOf = (cell: Cell): readonly string[] => Object.keys(expectedRoutes(cell, ["rich"]));
  /** What the kernel said of a route; one of one address is shown without its length. */
  const linesAbout = ({ router }: Cell, prefix: string, since = 0): readonly string[] => {
    const isAbout = (line: string): boolean =>
      [prefix, prefix.split("/")[0]].some((text) => ` ${line} `.includes(` ${text} `));
    return lab.router(router).changes().slice(since).filter(isAbout);
  };
  const changesOf = (cell: Cell): readonly string[] =>
    prefixesOf(cell).flatMap((prefix) => linesAbout(cell, prefix, before[cell.router]));

  const isBeside = (a: Cell, b: Cell): boolean => a.router === b.router && a.transport === b.transport;

  it("the speaker ends", { skip: present.length === 0 && "no router is installed" }, async () => {
    // A router has a route in its own table, which is all that GoBGP has, before it is in the kernel's.
    // One that begins sweeps away what it left there before.
    const isThere = (last: string | undefined): boolean => last !== undefined && !last.startsWith("Deleted");
    const isInKernel = (cell: Cell): boolean =>
      prefixesOf(cell).every((prefix) => isThere(linesAbout(cell, prefix).at(-1)));
    const of = matrix.filter((cell) => isGraceful(cell) && cell.router !== "gobgp" && skipped(cell) === undefined);
    await eventually("the kernel has the routes", () => of.every(isInKernel), withinMs);
    for (const name of present) before[name] = lab.router(name).changes().length;
    await lab.endSpeaker();
  });
  each(
    matrix.filter((cell) => !isGraceful(cell)),
    "without graceful restart the routes go at once",
    (cell) => sees(cell),
  );
  each(matrix.filter(isGraceful), "with graceful restart they stay", (cell) => sees(cell, "rich"));
  it("another begins", { skip: present.length === 0 && "no router is installed" }, () => lab.startSpeaker());
  each(matrix, "our restart", async (cell) => {
    await sees(cell, "rich", "plain");
    // Else the cut that comes next is noticed by the hold timer.
    await reported(cell, "up, with BFD", isWhole);
  });
  each(matrix.filter(isGraceful), "no route has changed meanwhile", async (cell) => {
    assert.deepEqual(changesOf(cell), []);
    const plain = matrix.find((each) => isBeside(each, cell) && each.variant === "ebgp") ?? assert.fail();
    assert.notDeepEqual(changesOf(plain), [], "those of other sessions are seen");
  });
});

describe("When the cable is cut, Then both ends notice; when it is mended, Then the routes are back", () => {
  it("the cable is cut", { skip: present.length === 0 && "no router is installed" }, () => lab.cut(true));
  each(matrix, "silence", async (cell) => {
    const isNoticed = told("sent", cell.variant.toLowerCase().includes("bfd") ? /BFD down/ : /hold timer/);
    await reported(cell, "down", (report) => !isUp(report) && isNoticed(report));
    // One that keeps routes over a restart may keep them now too, as BIRD and FRR do.
    if (!isGraceful(cell)) await sees(cell);
  });
  it("it is mended", { skip: present.length === 0 && "no router is installed" }, () => lab.cut(false));
  each(matrix, "back", (cell) => sees(cell, "rich", "plain"));
});

it("docs/bgp-interop.md says what was found", {
  skip: present.length < names.length && "a router is missing",
}, async () => {
  if (process.env.UPDATE_INTEROP_TABLE !== undefined) await writeTable(interopTable(findings));
  assert.equal(interopTable(findings), await tableInDocs());
});
