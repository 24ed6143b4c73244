import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { cliCommands } from "../../../../src/cli/commands.ts";
import { runProgram } from "../../../../src/cli/program.ts";
import { terminalStub } from "../terminal-stub.ts";

const root = join(import.meta.dirname, "../../../..");

async function run(stdin: string, ...argv: readonly string[]) {
  const terminal = terminalStub(stdin);
  const frame = { argv: ["validate", ...argv], script: "herald", version: "1", rows: cliCommands, terminal };
  return { code: await runProgram(frame), ...terminal.written };
}

const right = "{apiVersion: herald.dev/v1beta1, kind: IPPool, metadata: {name: a}, spec: {addresses: [192.0.2.1]}}";

describe("herald validate", () => {
  it("ends with 0 if nothing is wrong", async () =>
    assert.deepEqual(await run(right, "-f", "-"), { code: 0, out: "", err: "1 checked\n" }));

  it("ends with 0 and shows warnings", async () => {
    const { code, out } = await run(right.replace("192.0.2.1", "192.0.2.1/30"), "-f", "-");
    assert.equal(code, 0);
    assert.match(out, /^<stdin>:1:\d+: warning: OddField: IPPool a: spec\.addresses\[0\]: .*host bits/);
  });

  it("ends with 1 and a line for each finding that editors understand", async () => {
    const { code, out } = await run(right.replace("192.0.2.1", "xx, zz"), "-f", "-");
    assert.equal(code, 1);
    assert.equal(out.trimEnd().split("\n").length, 2);
    assert.match(out, /^<stdin>:1:\d+: InvalidAddress: IPPool a: spec\.addresses\[0\]: "xx" is no IP address/);
  });

  it("gives the findings as JSON, and nothing else on standard output", async () => {
    const { code, out } = await run(`${right}\n---\n{apiVersion: v1, kind: Pod}\n`, "-f", "-", "-o", "json");
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(out), { findings: [], checked: 1, skipped: { Pod: 1 } });
  });

  it("without files is wrong usage; a file that is not there fails", async () => {
    assert.equal((await run("")).code, 2);
    const { code, err } = await run("", "-f", "/nowhere.yaml");
    assert.equal(code, 1);
    assert.match(err, /^herald: read \/nowhere\.yaml: ENOENT/);
  });

  for (const folder of ["samples", "crds", "deploy"])
    it(`finds nothing wrong in ${folder}/ but what samples have in common on purpose`, async () => {
      const { out } = await run("", "-f", join(root, folder), "-o", "json");
      const { findings } = JSON.parse(out) as { findings: readonly { code: string }[] };
      const unexpected = findings.filter(({ code }) => !["PoolsOverlap", "DuplicateObject"].includes(code));
      assert.deepEqual(unexpected, []);
    });
});
