import type { Terminal } from "../../../src/cli/terminal.ts";

/** A terminal that keeps what is written, without colours; `stdin` is what is read. */
export function terminalStub(stdin = ""): Terminal & { readonly written: { out: string; err: string } } {
  const written = { out: "", err: "" };
  return {
    written,
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    stdin: async () => stdin,
    colour: false,
  };
}
