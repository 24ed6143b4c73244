import { basename } from "node:path";
import { Argument as CommanderArgument, Command as CommanderCommand, CommanderError, Option } from "commander";
import { causeText } from "../kube/cause-text.ts";
import { type CliArgument, type CliOption, type Command, type CommandRow, type Given, UsageError } from "./command.ts";
import { printable, type Terminal } from "./terminal.ts";
import { typedCommand } from "./typed-command.ts";

/** What the frame needs to know of the process. */
export type Frame = {
  /** The words after the program's name. */
  readonly argv: readonly string[];
  /** The file that was started; as `kubectl-herald` the program is a plugin, and calls itself `kubectl herald`. */
  readonly script: string;
  readonly version: string;
  readonly rows: readonly CommandRow[];
  readonly terminal: Terminal;
};

const failed = 1;
const wrongUsage = 2;

/** What the exit code shall be: what the command gave, and what wrong usage is; the latter is 1 where 2 means something else. */
type Exit = { code: number; usage: number };

/** Runs the command that was typed and gives the exit code: 0, 1 with one line on standard error, 2 for wrong usage, or a code of the command's own. */
export async function runProgram(frame: Frame): Promise<number> {
  const exit: Exit = { code: 0, usage: wrongUsage };
  try {
    const program = await buildProgram(frame, exit);
    await program.parseAsync(frame.argv, { from: "user" });
    return exit.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exit.usage;
    frame.terminal.err(`herald: ${printable(error instanceof Error ? describe(error) : String(error))}\n`);
    if (!(error instanceof UsageError)) return failed;
    frame.terminal.err(`${hint(programName(frame.script), typedCommand(frame.argv))}\n`);
    return exit.usage;
  }
}

/** Where the right usage is told. */
function hint(program: string, command = ""): string {
  return `see: ${[program, command, "--help"].filter(Boolean).join(" ")}`;
}

/** `kubectl herald` for the plugin `kubectl-herald`, else `herald`. */
export function programName(script: string): string {
  return basename(script).startsWith("kubectl-herald") ? "kubectl herald" : "herald";
}

async function buildProgram(frame: Frame, exit: Exit): Promise<CommanderCommand> {
  const { argv, rows, terminal, version } = frame;
  const name = programName(frame.script);
  const program = new CommanderCommand(name)
    .description("Addresses for Kubernetes Services of type LoadBalancer")
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err, outputError: complain })
    .showHelpAfterError(hint(name))
    .addHelpText("after", "\nExit codes: 0 done, 1 failed, 2 wrong usage; each command's help names its own.");
  if (argv.length === 0) program.action(() => program.help({ error: true }));
  const typedName = typedCommand(argv);
  for (const row of rows) {
    const command = program.command(row.name).summary(row.summary).description(row.summary);
    if (row.name !== typedName) continue;
    const body = await row.load();
    command.showHelpAfterError(hint(name, row.name));
    shape(command, body, name);
    if (body.exitCodes?.[wrongUsage] !== undefined) exit.usage = failed;
    command.action(async () => {
      const { args, given } = typed(command, body);
      exit.code = await body.run({ args, given, terminal, rows, program: name });
    });
  }
  return program;
}

/** Commander's errors begin as all others. */
function complain(text: string, write: (text: string) => void): void {
  write(text.replace(/^error: /, "herald: "));
}

function shape(command: CommanderCommand, body: Command, program: string): void {
  if (body.description !== undefined) command.description(body.description);
  for (const argument of body.arguments ?? []) command.addArgument(commanderArgument(argument));
  for (const option of body.options) command.addOption(commanderOption(option));
  command.addHelpText("after", () => helpAfter(body, program));
}

function commanderArgument({ name, help, choices, optional, many }: CliArgument): CommanderArgument {
  const word = many ? `${name}...` : name;
  const argument = new CommanderArgument(optional ? `[${word}]` : `<${word}>`, help);
  return choices === undefined ? argument : argument.choices(choices);
}

function commanderOption(option: CliOption): Option {
  const { name, short, value, choices, preset, many, help } = option;
  const word = many ? `${value}...` : value;
  const shown = value === undefined ? "" : preset === undefined ? ` <${word}>` : ` [${word}]`;
  const made = new Option(`${short === undefined ? "" : `-${short}, `}--${name}${shown}`, help);
  if (option.default !== undefined) made.default(option.default);
  if (preset !== undefined) made.preset(preset);
  return choices === undefined ? made : made.choices(choices);
}

function helpAfter({ examples = [], exitCodes = {} }: Command, program: string): string {
  const lines = examples.map(({ line, does }) => `  ${line.replace(/^herald\b/, program)}\n      ${does}`);
  const own = { 1: "it failed", 2: "wrong usage", ...exitCodes };
  const codes = Object.entries(own).map(([code, meaning]) => `  ${code}  ${meaning}`);
  return [
    ...(lines.length > 0 ? ["\nExamples:", ...lines] : []),
    ...(Object.keys(exitCodes).length > 0 ? ["\nExit codes:", ...codes] : []),
  ].join("\n");
}

function typed(
  command: CommanderCommand,
  body: Command,
): { readonly args: readonly (readonly string[])[]; readonly given: Given } {
  const args = (body.arguments ?? []).map((_, i) => texts(command.processedArgs[i]));
  const values = new Map(
    command.options.map((option) => [option.long, command.getOptionValue(option.attributeName())]),
  );
  return { args, given: new Map(body.options.map(({ name }) => [name, texts(values.get(`--${name}`))])) };
}

function texts(value: unknown): readonly string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

/** The message with those of its causes, none twice: `listen on 127.0.0.1 port 80: permission denied`. */
function describe({ message, cause }: Error): string {
  if (!(cause instanceof Error) || message.includes(causeText(cause))) return message;
  return `${message}: ${describe(cause)}`;
}
