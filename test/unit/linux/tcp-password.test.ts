import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TcpError, tcpError } from "../../../src/linux/tcp-error.ts";
import { passwordOption, tcpPasswordProblem } from "../../../src/linux/tcp-password.ts";
import { address } from "../../support/builders.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("struct tcp_md5sig", () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ["an IPv4 peer", "192.0.2.1", `0200 0000 c0000201 ${"00".repeat(8)}`],
    ["an IPv6 peer", "2001:db8::1", `0a00 0000 00000000 20010db8${"00".repeat(11)}01 00000000`],
  ];
  for (const [name, peer, start] of rows)
    it(`${name}: its address without a port, the length of the key, the key`, () => {
      const bytes = passwordOption(address(peer), "s3crét");
      const want = start.replace(/ /g, "");
      assert.equal(bytes.length, 216);
      assert.equal(hex(bytes.subarray(0, want.length / 2)), want);
      assert.ok(bytes.subarray(want.length / 2, 130).every((byte) => byte === 0));
      assert.equal(hex(bytes.subarray(130, 132)), "0700");
      assert.equal(Buffer.from(bytes.subarray(136, 143)).toString(), "s3crét");
      assert.ok(bytes.subarray(143).every((byte) => byte === 0));
    });

  it("no password: a key of no bytes, which removes what was there", () => {
    assert.ok(
      passwordOption(address("192.0.2.1"), undefined)
        .subarray(8)
        .every((byte) => byte === 0),
    );
  });

  it("80 bytes of UTF-8 are taken, 0 and 81 refused without being told", () => {
    assert.equal(tcpPasswordProblem("ä".repeat(40)), undefined);
    assert.equal(tcpPasswordProblem(""), "password: 0 bytes, not 1 to 80");
    assert.equal(tcpPasswordProblem(`${"ä".repeat(40)}x`), "password: 81 bytes, not 1 to 80");
  });
});

describe("errors in words", () => {
  const peer = { address: address("2001:db8::1"), port: 179 };
  const coded = (code: unknown): Error => Object.assign(new Error("oops"), { code });
  const rows: readonly (readonly [string, unknown, string, string])[] = [
    ["an errno", coded("EHOSTUNREACH"), "host is unreachable (EHOSTUNREACH)", "EHOSTUNREACH"],
    ["a code of Node's own", coded("ERR_SOCKET_CLOSED"), "Error: oops", "ERR_SOCKET_CLOSED"],
    ["an error without a code", new Error("oops"), "Error: oops", "UNKNOWN"],
    ["a code that is no text", coded(7), "Error: oops", "UNKNOWN"],
    ["no error", "oops", "oops", "UNKNOWN"],
  ];
  for (const [name, cause, words, code] of rows)
    it(name, () => {
      const error = tcpError("read from", peer, cause);
      assert.ok(error instanceof TcpError);
      assert.deepEqual([error.message, error.code], [`read from 2001:db8::1 port 179: ${words}`, code]);
      assert.equal(error.cause, cause);
    });
});
