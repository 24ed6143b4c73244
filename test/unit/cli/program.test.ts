import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Call, type Command, type CommandRow, isOn, textGiven, UsageError } from "../../../src/cli/command.ts";
import { cliCommands } from "../../../src/cli/commands.ts";
import { programName, runProgram } from "../../../src/cli/program.ts";
import { terminalStub } from "./terminal-stub.ts";

const calls: Call[] = [];

const look: Command = {
  arguments: [{ name: "name", help: "which", optional: true, many: true }],
  options: [
    { name: "output", short: "o", value: "FORMAT", choices: ["table", "json"], default: "table", help: "how" },
    { name: "filename", short: "f", value: "FILE", many: true, help: "files" },
    { name: "all", help: "everything" },
    { name: "leader-elect", value: "boolean", default: "false", preset: "true", help: "whether" },
  ],
  examples: [{ line: "herald look a -o json", does: "looks at a" }],
  run: async (call) => {
    calls.push(call);
    return 3;
  },
};

const throwing = (error: Error, exitCodes = {}): Command => ({
  options: [],
  exitCodes,
  run: () => Promise.reject(error),
});

const rows: readonly CommandRow[] = [
  { name: "look", summary: "looks", load: async () => look },
  {
    name: "fail",
    summary: "fails",
    load: async () => throwing(new Error("open it", { cause: new Error("no\u001b[31m such\nfile") })),
  },
  { name: "misuse", summary: "is misused", load: async () => throwing(new UsageError("not so")) },
  { name: "weigh", summary: "means something by 2", load: async () => throwing(new UsageError("no"), { 2: "much" }) },
  {
    name: "twice",
    summary: "says its cause itself",
    load: async () => throwing(new Error("connect: refused", { cause: new Error("refused\nat once") })),
  },
  { name: "heavy", summary: "cannot be loaded", load: () => Promise.reject(new Error("was loaded")) },
];

async function run(...argv: readonly string[]) {
  const terminal = terminalStub();
  const code = await runProgram({ argv, script: "/usr/bin/herald", version: "1.2.3", rows, terminal });
  return { code, ...terminal.written };
}

async function given(...argv: readonly string[]): Promise<Call> {
  await run("look", ...argv);
  return calls.pop() ?? assert.fail("it did not run");
}

describe("a command", () => {
  it("is given its arguments and options, and its exit code is the program's", async () => {
    assert.equal((await run("look")).code, 3);
    const call = await given("a", "b", "-o", "json", "--all", "-f", "x", "y", "-f", "z");
    assert.deepEqual(call.args, [["a", "b"]]);
    assert.equal(textGiven(call.given, "output"), "json");
    assert.deepEqual(call.given.get("filename"), ["x", "y", "z"]);
    assert.equal(isOn(call.given, "all"), true);
  });

  it("is given the defaults of what was not typed", async () => {
    const call = await given();
    assert.deepEqual(call.args, [[]]);
    assert.equal(textGiven(call.given, "output"), "table");
    assert.equal(textGiven(call.given, "filename"), undefined);
    assert.equal(isOn(call.given, "all"), false);
    assert.equal(textGiven(call.given, "leader-elect"), "false");
  });

  it("may have an option that means something without a value", async () => {
    assert.equal(textGiven((await given("--leader-elect")).given, "leader-elect"), "true");
    assert.equal(textGiven((await given("--leader-elect=false")).given, "leader-elect"), "false");
  });

  it("that throws ends with code 1 and one line that steers no terminal", async () => {
    const { code, err } = await run("fail");
    assert.equal(code, 1);
    assert.equal(err, "herald: open it: no\ufffd[31m such\ufffdfile\n");
  });
});

it("a cause that the message tells already is not told again", async () =>
  assert.equal((await run("twice")).err, "herald: connect: refused\n"));

it("only the first word that is no option is the command", async () => {
  assert.deepEqual((await given("heavy")).args, [["heavy"]]);
  assert.match((await run("help", "look")).out, /Examples:\n {2}herald look a -o json/);
});

describe("wrong usage has exit code 2", () => {
  for (const argv of [["nonsense"], ["look", "--nonsense"], ["look", "-o", "xml"], ["look", "-o"], ["misuse"], []])
    it(`herald ${argv.join(" ")}`, async () => {
      const { code, err } = await run(...argv);
      assert.equal(code, 2);
      assert.match(err, argv.length === 0 ? /^Usage: herald/ : /^herald: [^\n]+\nsee: herald (?:\w+ )?--help\n$/);
    });

  it("but 1 where 2 means something else", async () => assert.equal((await run("weigh")).code, 1));
});

describe("the help", () => {
  it("names every command and loads none", async () => {
    const { code, out } = await run("--help");
    assert.equal(code, 0);
    for (const { name, summary } of rows) assert.match(out, new RegExp(`${name} +${summary}`));
    assert.match(out, /Exit codes: 0 done, 1 failed, 2 wrong usage/);
  });

  it("of a command shows its examples, and choices of its options", async () => {
    const { code, out } = await run("look", "--help");
    assert.equal(code, 0);
    assert.match(out, /Examples:\n {2}herald look a -o json\n {6}looks at a/);
    assert.match(out, /choices: "table", "json"/);
  });

  it("of a kubectl plugin calls it what a person types", async () => {
    const terminal = terminalStub();
    await runProgram({ argv: ["look", "--help"], script: "/usr/bin/kubectl-herald", version: "1", rows, terminal });
    assert.match(terminal.written.out, /Usage: kubectl herald look .*\n {2}kubectl herald look a -o json/s);
  });

  it("of every command has some examples and says what its arguments are", async () => {
    for (const row of cliCommands) {
      const { arguments: args = [], examples = [] } = await row.load();
      assert.ok(examples.length >= 2 && examples.length <= 4, row.name);
      assert.ok(args.every(({ help }) => help !== ""));
    }
  });
});

it("the version is printed", async () => assert.equal((await run("--version")).out, "1.2.3\n"));

it("the program's name is that of its file", () => {
  assert.equal(programName("/opt/herald/src/main.ts"), "herald");
  assert.equal(programName("/usr/local/bin/kubectl-herald"), "kubectl herald");
});
