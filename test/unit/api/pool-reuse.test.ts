import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defaultReuse, parseReuse } from "../../../src/api/pool-reuse.ts";

type Reuse = NonNullable<Parameters<typeof parseReuse>[0]>;

describe("what becomes of an address after its Service", () => {
  const cases: readonly { name: string; object: Reuse | undefined; want: Partial<typeof defaultReuse> }[] = [
    { name: "is the default where nothing is said", object: undefined, want: {} },
    {
      name: "is the default for each part that is not said",
      object: { coolDown: "Strict" },
      want: { coolDown: "Strict" },
    },
    {
      name: "is forgotten at once by 0s",
      object: { rememberFor: "0s", coolDownFor: "0s" },
      want: { rememberForMs: 0, coolDownForMs: 0 },
    },
    {
      name: "may rest for longer than it is remembered",
      object: { coolDownFor: "48h" },
      want: { coolDownForMs: 172_800_000 },
    },
  ];
  for (const { name, object, want } of cases)
    it(name, () => {
      assert.deepEqual(parseReuse(object, "spec.reuse"), { reuse: { ...defaultReuse, ...want }, problems: [] });
    });

  it("is a problem for each text that is no duration", () => {
    const { problems } = parseReuse({ rememberFor: "8761h", coolDownFor: "" }, "spec.reuse");
    assert.deepEqual(
      problems.map(({ path }) => path),
      ["spec.reuse.rememberFor", "spec.reuse.coolDownFor"],
    );
    assert.match(problems[0]?.message ?? "", /^"8761h" is no duration: expected .* at most 8760h$/);
  });
});
