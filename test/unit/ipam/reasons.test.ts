import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { ineligibilityReasons, misplacementReasons } from "../../../src/announce/reason.ts";
import { peerReasons } from "../../../src/controller/peer-status.ts";
import { releaseReasons } from "../../../src/ipam/change.ts";
import { allocationReasons, combinedRefusal, poolExhausted, poolReasons } from "../../../src/ipam/refusal.ts";

const root = new URL("../../../", import.meta.url);
const text = readFileSync(new URL("docs/reasons.md", root), "utf8");
const explained = [...text.matchAll(/^### (\w+)$/gm)].map(([, reason = ""]) => reason);

/** Every reason that is written out in the source of the parts that decide, in a condition, an event or a refusal. */
function writtenReasons(): ReadonlySet<string> {
  const files = globSync("src/{announce,ipam,controller,agent}/**/*.ts", { cwd: root });
  const sources = files.map((file) => readFileSync(new URL(file, root), "utf8")).join("\n");
  const statements = sources.match(/\breason\b[^;{}]*?(?=[;{}]|,\s*\w+:|,\s*message)/g) ?? [];
  return new Set(statements.flatMap((each) => each.match(/(?<=")[A-Z][A-Za-z]+(?=")/g) ?? []));
}

describe("docs/reasons.md", () => {
  it("explains each reason once, those of an allocation in their order of precedence", () => {
    assert.equal(new Set(explained).size, explained.length);
    assert.deepEqual(explained.slice(0, allocationReasons.length), allocationReasons);
  });

  it("explains exactly the reasons that there are", () => {
    const listed = [
      ...allocationReasons,
      ...misplacementReasons,
      ...ineligibilityReasons,
      ...poolReasons,
      ...peerReasons,
      ...releaseReasons,
    ];
    assert.deepEqual(explained.toSorted(), [...new Set([...listed, ...writtenReasons()])].sort());
  });

  it("explains what controller and agent say of addresses", () => {
    const said = ["FieldContested", "NotYetAnnounced", "NodeDown", "NotAllocated", "Announced", "NoConflict"];
    const events = ["AddressInUse", "Invalid", "AddressMoved", "AddressConflict", "Remembered"];
    const written = writtenReasons();
    for (const reason of [...said, ...events]) assert.ok(written.has(reason) && explained.includes(reason), reason);
  });

  it("says what to do in at least a sentence each", () => {
    for (const section of text.split(/^### /m).slice(1)) assert.ok(section.length > 60, section);
  });
});

describe("a message", () => {
  const full = { total: 1n, allocated: 1, cooling: 0, reserved: 0 };

  it("gives the numbers of a full pool", () => {
    const counts = { total: 30n, allocated: 26, cooling: 2, reserved: 1 };
    assert.equal(
      poolExhausted("public", counts).message,
      "pool public: 26 of 30 allocated, 2 cooling, 1 reserved, 1 used by the cluster itself or shown by other services",
    );
  });

  it("leaves out the numbers that are none", () => {
    assert.equal(poolExhausted("public", full).message, "pool public: 1 of 1 allocated");
  });

  it("of many pools names the first four and counts the rest", () => {
    const refusals = Array.from({ length: 6 }, (_, i) => poolExhausted(`p${i}`, full));
    const [first, ...rest] = refusals;
    assert.ok(first);
    assert.equal(
      combinedRefusal([first, ...rest]).message,
      "pool p0: 1 of 1 allocated; pool p1: 1 of 1 allocated; pool p2: 1 of 1 allocated; pool p3: 1 of 1 allocated; 2 more",
    );
  });
});
