import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseAllDocuments } from "yaml";
import type { Imported } from "../../../../src/cli/import/imported.ts";
import { command, importedText, noteLine, poolManifest } from "../../../../src/cli/import/text.ts";
import { readDocuments } from "../../../../src/cli/yaml-documents.ts";

const hostile = "x\nkind: Secret\u2028a: b\u001b[2J' $(rm)";
const imported: Imported = {
  pools: [
    { name: "a", spec: { addresses: ["192.0.2.0/28"], services: { namespaces: ["on", "n", "1"] } } },
    { name: "b", spec: { addresses: ["192.0.2.64"] } },
  ],
  annotations: [{ namespace: "shop", name: "web", annotations: { "herald.dev/sharing-key": hostile } }],
  notes: [{ object: hostile, field: "spec.x", message: "is lost" }],
};

describe("the YAML that is printed", () => {
  it("is the pools and nothing else, to readers of YAML 1.1 and 1.2 alike", async () => {
    const text = await importedText(imported, "metallb");
    const wanted = imported.pools.map(poolManifest);
    assert.deepEqual(
      readDocuments(text).documents.map(({ value }) => value),
      wanted,
    );
    for (const version of ["1.1", "1.2"] as const)
      assert.deepEqual(
        parseAllDocuments(text, { version }).map((document) => document.toJS() as unknown),
        wanted,
      );
  });

  it("says in comments what is lost and what Services need", async () => {
    const text = await importedText(imported, "metallb");
    assert.match(
      text,
      /^# Made from the configuration of metallb\.\n# Not as before:\n# {3}x.*: spec\.x: is lost\n---\n/,
    );
    assert.match(text, /\n# Services that need annotations:\n# kubectl annotate service -n shop web /);
  });
});

it("what Herald refuses of the pools comes first, by itself", async () => {
  const refused = { object: "pool b", field: "spec.addresses", message: "overlaps pool a", refused: true as const };
  const text = await importedText({ ...imported, notes: [...imported.notes, refused] }, "metallb");
  assert.match(
    text,
    /metallb\.\n# Herald refuses these as they stand, correct them first:\n# {3}pool b: spec\.addresses: overlaps pool a\n# Not as before:\n/,
  );
});

it("a note and a command are each one line, whatever is in them", () => {
  const [note] = imported.notes;
  const [annotations] = imported.annotations;
  assert.ok(note && annotations);
  for (const line of [noteLine(note), command(annotations)])
    for (const breaking of ["\n", "\u2028", "\u001b"]) assert.ok(!line.includes(breaking));
});

it("a command means to a shell what it says", () => {
  const line = command({ namespace: "shop", name: "web", annotations: { "herald.dev/sharing-key": "it's $HOME" } });
  assert.equal(line, "kubectl annotate service -n shop web 'herald.dev/sharing-key=it'\\''s $HOME'");
});
