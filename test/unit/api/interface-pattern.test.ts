import assert from "node:assert/strict";
import { it } from "node:test";
import { matchesPattern, parseInterfacePattern } from "../../../src/api/interface-pattern.ts";

function matches(text: string, name: string): boolean {
  const parsed = parseInterfacePattern(text);
  return "problem" in parsed ? assert.fail(`${text}: ${parsed.problem}`) : matchesPattern(parsed, name);
}

const rows: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
  ["^bond[0-9]+$", ["bond0", "bond12"], ["bond", "bond0.7", "xbond0"]],
  ["^(eth|ens)\\d", ["eth0", "ens3f0"], ["enp3", "veth1"]],
  ["^en(?:p|o)[^v]*$", ["eno1", "enp3s0", "enp"], ["enp3v1", "ens1"]],
  ["^br-lan\\.7$", ["br-lan.7"], ["br-lanx7"]],
  ["1", ["eth1", "10"], ["eth0", "a-name-too-long-for-linux-1"]],
  ["^[+*{]\\)\\*$", ["+)*"], ["+)"]],
];
for (const [pattern, yes, no] of rows)
  it(`/${pattern}/ is told from others`, () => {
    for (const name of yes) assert.ok(matches(pattern, name), name);
    for (const name of no) assert.ok(!matches(pattern, name), name);
  });

const refused: readonly (readonly [pattern: string, problem: RegExp])[] = [
  [`^(${Array(23).fill("a").join("|")})+$`, /groups with a quantifier/],
  ["^((a+)+)+$", /groups with a quantifier/],
  ["(a|)?b", /groups with a quantifier/],
  ["a{2}", /counts/],
  [`^${"a*".repeat(5)}$`, /more than 4/],
  ["(", /Unterminated group/],
  ["[z-a]", /out of order/],
];
for (const [pattern, problem] of refused)
  it(`/${pattern}/ is a problem`, () => {
    const parsed = parseInterfacePattern(pattern);
    assert.match("problem" in parsed ? parsed.problem : "", problem);
  });
