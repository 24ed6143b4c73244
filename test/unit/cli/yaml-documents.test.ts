import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { objectsIn, type Path, readDocuments } from "../../../src/cli/yaml-documents.ts";

describe("YAML is read as kubectl reads it", () => {
  const values: readonly (readonly [text: string, value: unknown])[] = [
    ["a: On", { a: true }],
    ["a: no", { a: false }],
    ["a: y", { a: true }],
    ['a: "On"', { a: "On" }],
    ["a: onwards", { a: "onwards" }],
    ["a: 1", { a: 1 }],
    ["a: 1:30", { a: "1:30" }],
    ["base: &b {x: 1}\na: {<<: *b, z: 2}", { base: { x: 1 }, a: { x: 1, z: 2 } }],
    ['{"a": [1, null]}', { a: [1, null] }],
  ];
  for (const [text, value] of values)
    it(text.replaceAll("\n", "; "), () => assert.deepEqual(readDocuments(text).documents[0]?.value, value));

  it("several documents, without the empty ones", () => {
    const { documents } = readDocuments("---\na: 1\n---\n# nothing\n---\nb: 2\n---\n");
    assert.deepEqual(
      documents.map(({ value }) => value),
      [{ a: 1 }, { b: 2 }],
    );
  });

  it("nothing at all", () => assert.deepEqual(readDocuments(""), { documents: [], problems: [] }));
});

describe("what is no YAML has a place", () => {
  const cases: readonly (readonly [what: string, text: string, line: number])[] = [
    ["a list without its end", "a: 1\nb: [1,\n", 3],
    ["a key twice", "a: 1\nb: 2\na: 3\n", 3],
    ["a tab for indentation", "a:\n\tb: 1\n", 2],
  ];
  for (const [what, text, line] of cases) {
    it(what, () => {
      const { documents, problems } = readDocuments(text);
      assert.deepEqual(documents, []);
      assert.equal(problems[0]?.line, line);
    });
  }

  it("a value that grows without end through aliases", () => {
    const levels = Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(",")}]`);
    const { documents, problems } = readDocuments(`l0: &l0 [x]\n${levels.join("\n")}\n`);
    assert.deepEqual(documents, []);
    assert.match(problems[0]?.message ?? "", /alias/);
  });
});

describe("every part has a place", () => {
  const text = "kind: A\nspec:\n  list:\n    - x\n    - {z: 1}\n  dotted.key/x: 2\n";
  const cases: readonly (readonly [path: Path, part: "key" | "value", line: number, column: number])[] = [
    [[], "value", 1, 1],
    [["kind"], "value", 1, 7],
    [["kind"], "key", 1, 1],
    [["spec", "list", 0], "value", 4, 7],
    [["spec", "list", 1, "z"], "value", 5, 11],
    [["spec", "list", 1, "z"], "key", 5, 8],
    [["spec", "dotted.key/x"], "value", 6, 17],
    [["spec", "absent", "deep"], "value", 3, 3],
    [["absent"], "key", 1, 1],
  ];
  const [document] = readDocuments(text).documents;
  for (const [path, part, line, column] of cases)
    it(`${part} of ${path.join(".") || "the document"}`, () =>
      assert.deepEqual(document?.placeOf(path, part), { line, column }));
});

it("the objects of a List, and of a List in it, are found with their paths", () => {
  const list = { kind: "List", items: [{ kind: "A" }, { kind: "BList", items: [{ kind: "B" }] }] };
  assert.deepEqual(objectsIn(list), [
    { path: ["items", 0], value: { kind: "A" } },
    { path: ["items", 1, "items", 0], value: { kind: "B" } },
  ]);
  assert.deepEqual(objectsIn({ kind: "A" }), [{ path: [], value: { kind: "A" } }]);
});
