import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sourceFilter } from "../../../src/linux/source-filter.ts";
import { addressBytes } from "../../../src/net/address.ts";
import { address, addresses } from "../../support/builders.ts";
import { runBpf } from "./bpf-machine.ts";

const sourceAt = { 4: 12, 6: 8 } as const;

function passes(program: Uint8Array, text: string): boolean {
  const source = address(text);
  const network = new Uint8Array(40);
  network.set(addressBytes(source), sourceAt[source.family]);
  return runBpf(program, { data: new Uint8Array(20), network }) > 0;
}

describe("who is let in", () => {
  const stations = addresses("10.9.0.2", "10.9.0.3", "fd09::2", "fd09::3");
  const rows: readonly (readonly [4 | 6, string, boolean])[] = [
    [4, "10.9.0.2", true],
    [4, "10.9.0.3", true],
    [4, "10.9.0.4", false],
    [4, "0.0.0.0", false],
    [6, "fd09::2", true],
    [6, "fd09::3", true],
    [6, "fd09::4", false],
    [6, "fd08::3", false],
    [6, "fd09::1:0:3", false],
  ];
  for (const [family, source, want] of rows)
    it(`${source}: ${want ? "yes" : "no"}`, () => {
      assert.equal(passes(sourceFilter(family, stations), source), want);
      assert.equal(passes(sourceFilter(family, []), source), false);
    });

  it("a hundred stations: the last as the first", () => {
    const many = Array.from({ length: 100 }, (_, i) => address(`fd09::${(i + 1).toString(16)}`));
    const program = sourceFilter(6, many);
    assert.deepEqual(
      ["fd09::1", "fd09::64", "fd09::65"].map((each) => passes(program, each)),
      [true, true, false],
    );
  });

  it("a packet that is shorter than its header is not let in", () => {
    const program = sourceFilter(4, stations);
    assert.equal(runBpf(program, { data: new Uint8Array(), network: new Uint8Array(14) }), 0);
  });
});
