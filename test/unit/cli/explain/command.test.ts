import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { adviceFor, pendingAdvice } from "../../../../src/cli/explain/advice.ts";
import { serviceKey } from "../../../../src/cli/explain/command.ts";
import { allocationReasons } from "../../../../src/ipam/refusal.ts";

describe("the Service to explain", () => {
  const cases = [
    { typed: "shop/web", namespace: undefined, want: "shop/web" },
    { typed: "shop/web", namespace: "shop", want: "shop/web" },
    { typed: "web", namespace: "shop", want: "shop/web" },
    { typed: "web", namespace: undefined, want: "here/web" },
  ];
  for (const { typed, namespace, want } of cases)
    it(`is ${want} for ${typed} with --namespace ${namespace ?? "absent"}`, () =>
      assert.equal(serviceKey(typed, namespace)("here"), want));

  for (const [typed, namespace] of [
    ["shop/web", "blog"],
    ["", undefined],
    ["/web", undefined],
    ["shop/", undefined],
    ["a/b/c", undefined],
  ] as const)
    it(`is none for "${typed}" with --namespace ${namespace ?? "absent"}`, () =>
      assert.throws(() => serviceKey(typed, namespace), { name: "UsageError" }));
});

describe("the advice", () => {
  it("while something is pending leads to a section that there is", () => {
    const text = readFileSync(new URL("../../../../docs/cli.md", import.meta.url), "utf8");
    const anchors = [...text.matchAll(/^## (.+)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(" ", "-")
        .replace(/[^-\w]/g, ""),
    );
    assert.ok(anchors.includes(pendingAdvice("Allocated").section.replace("docs/cli.md#", "")), anchors.join());
  });

  const sections = new Set(
    [...readFileSync(new URL("../../../../docs/reasons.md", import.meta.url), "utf8").matchAll(/^### (\w+)$/gm)].map(
      ([, reason = ""]) => `docs/reasons.md#${reason.toLowerCase()}`,
    ),
  );
  for (const reason of [...allocationReasons, "FieldContested"])
    it(`about ${reason} leads to a section that there is, and says what to do`, () => {
      const { section, whatToDo } = adviceFor(reason);
      assert.ok(sections.has(section), section);
      assert.notEqual(whatToDo, "see there");
    });

  it("about a reason of another release leads to the documentation", () =>
    assert.equal(adviceFor("Unheard").whatToDo, "see there"));
});
