/** Where a command writes and reads; tests give it texts. */
export type Terminal = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly stdin: () => Promise<string>;
  /** Whether colours may be used on standard output. */
  readonly colour: boolean;
};

/** This process's own streams; colours only on a terminal, and not where NO_COLOR is set to anything (no-color.org). */
export function processTerminal(environment: NodeJS.ProcessEnv = process.env): Terminal {
  return {
    out: (written) => void process.stdout.write(written),
    err: (written) => void process.stderr.write(written),
    stdin: readStdin,
    colour: process.stdout.isTTY === true && !environment.NO_COLOR && environment.TERM !== "dumb",
  };
}

async function readStdin(): Promise<string> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) text += String(chunk);
  return text;
}

const codes = { good: 32, odd: 33, bad: 31 } as const;

/** How a word is meant: `good` is green, `odd` yellow, `bad` red, `plain` as it is. */
export type Tone = keyof typeof codes | "plain";

/** The text in the colour of its tone, or as it is where there are no colours. */
export function toned(shown: string, tone: Tone, colour: boolean): string {
  return colour && tone !== "plain" ? `\u001b[${codes[tone]}m${shown}\u001b[0m` : shown;
}

/** One line of text that came from elsewhere, with nothing in it that steers a terminal or begins a new line. */
export function printable(foreign: string): string {
  return foreign.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}
