/** What BIRD sends. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type BfdPacket, decodeBfd, encodeBfd } from "../../../../src/protocols/bfd/packet.ts";
import { only, session } from "./one-end.ts";

const lines = readFileSync(join(import.meta.dirname, "../../../fixtures/bfd/packets.hex"), "utf8").split("\n");

function captured(name: string): Uint8Array {
  const hex = lines[lines.findIndex((line) => line.startsWith(`# ${name}:`)) + 1];
  return Uint8Array.from(Buffer.from(hex ?? assert.fail(`test data: no packet ${name}`), "hex"));
}

const flagNames = ["poll", "final", "demand", "controlPlaneIndependent"] as const;

function plain(packet: BfdPacket): string {
  const { state, diagnostic, multiplier, desiredMinTxUs, requiredMinRxUs, requiredMinEchoRxUs } = packet;
  const flags = flagNames.filter((name) => packet[name]).join("+") || "none";
  return `${state} ${diagnostic} ${flags} ${desiredMinTxUs}/${requiredMinRxUs}/${requiredMinEchoRxUs} × ${multiplier}`;
}

describe("packets of BIRD", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["bird-down", "down 0 none 1000000/100000/0 × 3"],
    ["bird-init", "init 0 none 1000000/100000/0 × 3"],
    ["bird-poll", "up 0 poll 100000/100000/0 × 3"],
    ["bird-final", "up 0 final 100000/100000/0 × 3"],
    ["bird-up", "up 0 none 100000/100000/0 × 3"],
    ["bird-told-down", "down 3 poll 1000000/100000/0 × 3"],
    ["bird-expired", "down 1 none 1000000/200000/0 × 5"],
    ["bird-multihop-poll", "up 0 poll 200000/200000/0 × 5"],
  ];
  for (const [name, want] of rows)
    it(`${name} is decoded, and encoded to the same bytes`, () => {
      assert.equal(plain(decodeBfd(captured(name))), want);
      assert.deepEqual(encodeBfd(decodeBfd(captured(name))), captured(name));
    });

  it("a session comes up by them, answers the poll, and goes down", () => {
    const one = session();
    one.outbox(0);
    for (const name of ["bird-init", "bird-final", "bird-poll"]) one.received(decodeBfd(captured(name)), 10);
    const [final, periodic] = one.outbox(10);
    assert.deepEqual([final?.final, final?.state, periodic?.poll], [true, "up", false]);
    assert.equal(one.describe().detectionMs, 300);
    one.received(decodeBfd(captured("bird-told-down")), 20);
    assert.deepEqual(
      one.takeNews().map(({ kind }) => kind),
      ["up", "down"],
    );
    assert.equal(only(one.outbox(20).filter(({ final: answer }) => !answer)).state, "down");
  });
});
