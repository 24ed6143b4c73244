import assert from "node:assert/strict";
import { it } from "node:test";
import { formatAge } from "../../../src/cli/age.ts";
import { formatTable } from "../../../src/cli/table.ts";
import { processTerminal, toned } from "../../../src/cli/terminal.ts";

it("columns are as wide as their widest cell, what is empty is a dash, and no line ends in blanks", () => {
  const rows = [
    ["public", "3", ""],
    ["a", "", "x"],
  ];
  assert.equal(
    formatTable(["NAME", "FREE", "REMARKS"], rows, false),
    "NAME     FREE   REMARKS\npublic   3      -\na        -      x\n",
  );
});

it("colours change no width", () => {
  const cells = [[{ text: "no", tone: "bad" as const }, "x"]];
  assert.equal(formatTable(["READY", "Y"], cells, true), "READY   Y\n\u001b[31mno\u001b[0m      x\n");
});

it("what comes from the cluster steers no terminal", () => {
  assert.equal(formatTable(["NAME"], [["a\u001b[2Jb\nc"]], false), "NAME\na\ufffd[2Jb\ufffdc\n");
});

it("there are no colours where NO_COLOR is set, nor where the output is no terminal", () => {
  assert.equal(processTerminal({ NO_COLOR: "1" }).colour, false);
  assert.equal(toned("x", "good", false), "x");
  assert.equal(toned("x", "plain", true), "x");
});

const ages: readonly (readonly [ms: number, text: string])[] = [
  [-5_000, "0s"],
  [999, "0s"],
  [7_400, "7s"],
  [65_000, "1m5s"],
  [12 * 60_000 + 30_000, "12m"],
  [3_600_000, "1h"],
  [3 * 86_400_000 + 4 * 3_600_000, "3d4h"],
  [400 * 86_400_000, "400d"],
];
for (const [ms, text] of ages) it(`${ms} ms are ${text}`, () => assert.equal(formatAge(ms), text));
