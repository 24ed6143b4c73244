import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { LineSplitter } from "../../../src/kube/watch-stream.ts";

describe("the line splitter", () => {
  it("gives the same lines however the bytes are cut", () => {
    const line = fc
      .string({ unit: "grapheme", minLength: 1 })
      .filter((text) => text.trim() === text && !text.includes("\n"));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(40)), (lines, cuts) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(""), "utf8");
        const splitter = new LineSplitter();
        const got: string[] = [];
        let at = 0;
        for (const length of [...cuts, bytes.length]) {
          got.push(...splitter.push(bytes.subarray(at, at + length)));
          at += length;
        }
        assert.deepEqual(got, lines);
      }),
    );
  });

  it("keeps an unfinished line for later and leaves out empty ones", () => {
    const splitter = new LineSplitter();
    assert.deepEqual(splitter.push(Buffer.from("one\r\n\n\ntw")), ["one"]);
    assert.deepEqual(splitter.push(Buffer.from("o\n")), ["two"]);
  });

  it("refuses a line that does not end", () => {
    const splitter = new LineSplitter(10);
    splitter.push(Buffer.from("123456"));
    assert.throws(() => splitter.push(Buffer.from("789012")), RangeError);
  });
});
