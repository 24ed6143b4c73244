import { styleText } from "node:util";
import type { Lab } from "../lab/lab.ts";
import { eventually } from "../support/eventually.ts";

/** Tells the story: what is done is shown as the command that a reader could type himself, with its real output. */
export type Narrator = ReturnType<typeof narrator>;

/** Chapters are numbered from 1. */
export function narrator(lab: Lab, repository: string) {
  let chapter = 0;
  const print = (text = ""): void => void process.stdout.write(`${text}\n`);
  const command = (prompt: string, words: readonly string[]): void =>
    print(styleText("cyan", `${prompt}$ ${words.map(quoted).join(" ")}`));
  const inRepository = (word: string): string => (word.startsWith("samples/") ? `${repository}/${word}` : word);
  return {
    print,
    chapter: (title: string): void => {
      chapter++;
      print();
      print(styleText("bold", `${chapter}. ${title}`));
    },
    /** Runs kubectl as admin and shows it. */
    kubectl: async (...args: string[]): Promise<string> => {
      command("", ["kubectl", ...args]);
      const output = await lab.kubectl(args.map(inRepository));
      print(output.trimEnd());
      return output;
    },
    /** Runs a command on a host of the lab until it succeeds, and shows it once. */
    on: async (host: string, ...argv: string[]): Promise<string> => {
      const output = await eventually(`${argv.join(" ")} on ${host}`, async () => {
        const { code, stdout } = await lab.exec(host, argv);
        return code === 0 ? stdout : undefined;
      });
      command(host, argv);
      print(output.trimEnd());
      return output;
    },
  };
}

function quoted(word: string): string {
  return /^[\w@%+=:,./[\]-]+$/.test(word) ? word : `'${word}'`;
}
