import { parseInterfacePattern } from "../../api/interface-pattern.ts";

const plainName = /^[A-Za-z0-9_.:@-]{1,15}$/;

/** An interface of a system that reads each as a regular expression, as Herald writes it: a name, or the expression between slashes. */
export function importedInterface(text: string): { readonly name: string } | { readonly problem: string } {
  const name = /^\^?(.*?)\$?$/.exec(text)?.[1] ?? text;
  const anchored = text.startsWith("^") && text.endsWith("$");
  if (anchored && plainName.test(name) && !name.includes(".")) return { name };
  const parsed = parseInterfacePattern(text);
  if ("problem" in parsed) return { problem: `"${text}": ${parsed.problem}: left out` };
  return { name: `/${text}/` };
}
