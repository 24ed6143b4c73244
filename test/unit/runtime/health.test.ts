import assert from "node:assert/strict";
import { it } from "node:test";
import { parseListenAddress } from "../../../src/runtime/health.ts";

const addresses = [
  { text: "127.0.0.1:7475", want: { host: "127.0.0.1", port: 7475 } },
  { text: "[::1]:80", want: { host: "::1", port: 80 } },
  { text: "localhost:0", want: { host: "localhost", port: 0 } },
  { text: "127.0.0.1", want: undefined },
  { text: "::1:80", want: undefined },
  { text: "127.0.0.1:70000", want: undefined },
  { text: ":80", want: undefined },
  { text: "", want: undefined },
];
for (const { text, want } of addresses)
  it(`reads "${text}" as ${want === undefined ? "no address" : "an address"} to listen on`, () => {
    assert.deepEqual(parseListenAddress(text), want);
  });
