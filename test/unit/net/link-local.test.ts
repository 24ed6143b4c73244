import assert from "node:assert/strict";
import { it } from "node:test";
import { isLinkLocal } from "../../../src/net/link-local.ts";
import { address } from "../../support/builders.ts";

for (const [text, want] of [
  ["fe80::", true],
  ["fe80::1", true],
  ["febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true],
  ["fec0::", false],
  ["fe7f::1", false],
  ["2001:db8::1", false],
  ["169.254.0.1", false],
] as const)
  it(`${text} ${want ? "means nothing without its interface" : "is no link-local address of IPv6"}`, () => {
    assert.equal(isLinkLocal(address(text)), want);
  });
