import { type Command, textGiven, UsageError } from "../command.ts";
import { readSources } from "../files.ts";
import { findingLine } from "./finding.ts";

/** `herald validate`. */
export const validateCommand: Command = {
  description:
    "Check manifests without a cluster: YAML, the schemas of Herald's resources, pools and the overlap between them, the annotations of Services. Kinds that Herald does not read are skipped.",
  options: [
    { name: "filename", short: "f", value: "FILE", many: true, help: "files, folders or - for standard input" },
    {
      name: "output",
      short: "o",
      value: "FORMAT",
      choices: ["text", "json"],
      default: "text",
      help: "text: a line for each finding; json: {findings, checked, skipped}",
    },
  ],
  examples: [
    { line: "herald validate -f pools/", does: "all manifests in a folder" },
    { line: "helm template . | herald validate -f -", does: "what another program prints" },
    { line: "herald validate -f pools.yaml -o json", does: "for programs" },
  ],
  exitCodes: { 0: "nothing is wrong; there may be warnings", 1: "something is wrong, or cannot be read" },
  run: async ({ given, terminal }) => {
    const paths = given.get("filename") ?? [];
    if (paths.length === 0) throw new UsageError("nothing to check: give -f FILE, a folder, or -f -");
    const sources = await readSources(paths, terminal);
    // The schemas' compiler takes its time, and the help does without it.
    const [{ loadSchemas }, { validate }] = await Promise.all([import("./schema.ts"), import("./validate.ts")]);
    const validation = validate(sources, await loadSchemas());
    const { findings, checked, skipped } = validation;
    if (textGiven(given, "output") === "json") terminal.out(`${JSON.stringify(validation, undefined, 2)}\n`);
    else {
      for (const finding of findings) terminal.out(`${findingLine(finding, terminal.colour)}\n`);
      terminal.err(`${summary(checked, skipped)}\n`);
    }
    return findings.some(({ severity }) => severity === "error") ? 1 : 0;
  },
};

function summary(checked: number, skipped: Readonly<Record<string, number>>): string {
  const others = Object.entries(skipped).map(([kind, count]) => `${count} ${kind}`);
  return `${checked} checked${others.length === 0 ? "" : `, skipped: ${others.join(", ")}`}`;
}
