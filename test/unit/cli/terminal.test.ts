import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { printable } from "../../../src/cli/terminal.ts";

describe("text that came from elsewhere steers no terminal", () => {
  const cases = [
    ["an escape sequence", "a\u001b[31mb", "a\ufffd[31mb"],
    ["a line's end", "a\nb\r", "a\ufffdb\ufffd"],
    ["the second control block", "\u0085\u009b", "\ufffd\ufffd"],
    ["a separator of lines", "a\u2028b", "a\ufffdb"],
    ["a turn of the writing direction", "a\u202eb\u2066", "a\ufffdb\ufffd"],
    ["what is only unusual", "é 😀 \u00a0", "é 😀 \u00a0"],
  ] as const;
  for (const [what, foreign, shown] of cases) it(what, () => assert.equal(printable(foreign), shown));
});
