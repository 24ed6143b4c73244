import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { registerBgpMetrics } from "../../../../src/agent/bgp-metrics.ts";
import { absenceReasons } from "../../../../src/announce/bgp-routes.ts";
import { cliCommands } from "../../../../src/cli/commands.ts";
import { loadSchemas } from "../../../../src/cli/validate/schema.ts";
import { validate } from "../../../../src/cli/validate/validate.ts";
import { notificationReason, reasonWords } from "../../../../src/protocols/bgp/notification-codes.ts";
import { createMetricsRegistry } from "../../../../src/runtime/metrics.ts";

const docs = join(import.meta.dirname, "../../../../docs");
const page = readFileSync(join(docs, "bgp.md"), "utf8");

/** The blocks of a language. */
function blocks(language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, block = ""]) => block);
}

describe("docs/bgp.md", () => {
  it("has only manifests in which nothing is wrong, all together", async () => {
    const sources = blocks("yaml").map((text, i) => ({ path: `${i}.yaml`, text }));
    const { findings, checked } = validate(sources, await loadSchemas());
    assert.deepEqual([findings, checked], [[], 2]);
  });

  it("has only commands of herald that there are, with options and words that they take", async () => {
    const lines = blocks("sh").flatMap((block) => block.split("\n").filter((line) => line.startsWith("herald ")));
    assert.ok(lines.length >= 5);
    for (const line of lines) {
      const [, name = "", ...words] = line.replace(/ +#.*$/, "").split(" ");
      const command = await cliCommands.find((row) => row.name === name)?.load();
      assert.ok(command, line);
      const flags = command.options.flatMap(({ name: long, short }) => [`--${long}`, `-${short}`]);
      for (const word of words.filter((each) => each.startsWith("-")))
        assert.ok(flags.includes(word), `${line}: ${word}`);
      const choices = command.arguments?.[0]?.choices;
      if (choices !== undefined) assert.ok(choices.includes(words[0] ?? ""), line);
    }
  });

  it("explains every metric of BGP and BFD, and no other", async () => {
    const registry = createMetricsRegistry();
    const before = new Set((await registry.getMetricsAsJSON()).map(({ name }) => name));
    registerBgpMetrics([registry], () => []);
    const names = (await registry.getMetricsAsJSON()).map(({ name }) => name).filter((name) => !before.has(name));
    const rows = [...page.matchAll(/^\| (`herald_[^|]*) \|/gm)].map(([, cell = ""]) => cell);
    const explained = rows.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    assert.deepEqual(explained.toSorted(), names.toSorted());
  });

  it("speaks of NOTIFICATIONs in the words in which they are told", () => {
    const told = new Set(Object.values(notificationReason).map(reasonWords));
    const words = [...page.matchAll(/`([^`]+ \(\d+\/\d+\))`/g)].map(([, each = ""]) => each);
    assert.ok(words.length >= 5);
    assert.deepEqual(
      words.filter((each) => !told.has(each)),
      [],
    );
  });

  it("leads to pages and sections that there are", () => {
    for (const [, file = "", section = ""] of page.matchAll(/\]\(([\w-]+\.md)(?:#([\w-]+))?\)/g)) {
      const headings = readFileSync(join(docs, file), "utf8").match(/^#+ .*$/gm) ?? [];
      const anchors = headings.map((each) =>
        each
          .replace(/^#+ /, "")
          .toLowerCase()
          .replace(/[^\w -]/g, "")
          .replaceAll(" ", "-"),
      );
      assert.ok(section === "" || anchors.includes(section), `${file}#${section}`);
    }
  });
});

it("docs/reasons.md explains every reason for which a route is absent", () => {
  const reasons = readFileSync(join(docs, "reasons.md"), "utf8");
  for (const reason of absenceReasons) assert.match(reasons, new RegExp(`^### ${reason}$`, "m"));
});
