import { printable, type Tone, toned } from "../terminal.ts";
import type { Path, Place } from "../yaml-documents.ts";
import { type Code, codes, type Severity } from "./codes.ts";

/** Something about a part of an object, before it is known where in a file that is. */
export type Remark = {
  readonly code: Code;
  readonly path: Path;
  readonly message: string;
  /** Whether the place is that of the field's name; for what should not be there at all. */
  readonly at?: "key";
};

/** Something that was found in a file; this is what `-o json` prints. */
export type Finding = Place & {
  readonly file: string;
  readonly code: Code;
  readonly severity: Severity;
  /** `IPPool public`; empty where the file itself cannot be read. */
  readonly object: string;
  /** `spec.addresses[2]`; empty for the object as a whole. */
  readonly path: string;
  readonly message: string;
};

/** The severity that goes with a code. */
export function severityOf(code: Code): Severity {
  return codes[code];
}

/** `spec.addresses[2]`; a key with dots or slashes in brackets, as in `metadata.annotations[herald.dev/pool]`. */
export function formatPath(path: Path): string {
  return path
    .map((step, i) => {
      if (typeof step === "number") return `[${step}]`;
      if (!/^[\w-]+$/.test(step)) return `[${step}]`;
      return i === 0 ? step : `.${step}`;
    })
    .join("");
}

/** The inverse of formatPath, for the paths that problems carry. */
export function parsePath(text: string): Path {
  return [...text.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(([, bracketed, name = ""]) =>
    bracketed === undefined ? name : /^\d+$/.test(bracketed) ? Number(bracketed) : bracketed,
  );
}

const tones: Readonly<Record<Severity, Tone>> = { error: "bad", warning: "odd" };

/** `file:line:column: code: path: message`, as editors and compilers' readers understand it. */
export function findingLine(finding: Finding, colour: boolean): string {
  const { file, line, column, code, severity, object, path, message } = finding;
  const where = [object, path].filter((part) => part !== "").map((part) => printable(`${part}: `));
  const kind = severity === "warning" ? "warning: " : "";
  return `${printable(file)}:${line}:${column}: ${toned(`${kind}${code}`, tones[severity], colour)}: ${where.join("")}${printable(message)}`;
}
