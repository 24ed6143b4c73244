/** The kernel's limit (IFNAMSIZ less the closing zero). */
const longestName = 15;

/** So many `*` and `+` on a name of 15 characters are tried in no time, whatever they stand on. */
const mostRepeats = 4;

/** What a set of interface names looks like. */
export type InterfacePattern = { readonly expression: RegExp };

/**
 * Reads a regular expression of JavaScript, without its slashes. So that no expression can keep the controller or an agent
 * busy, it may repeat at most four times, and neither groups nor counts such as {2} are repeated.
 */
export function parseInterfacePattern(text: string): InterfacePattern | { readonly problem: string } {
  const plain = text.replace(/\\.|\[(?:\\.|[^\]])*\]/g, "x");
  if (/\)[*+?{]/.test(plain) || plain.includes("{"))
    return { problem: "groups with a quantifier and counts are not allowed" };
  if ((plain.match(/[*+]/g) ?? []).length > mostRepeats)
    return { problem: `more than ${mostRepeats} of * and + are not allowed` };
  try {
    return { expression: new RegExp(text) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Whether any part of the name looks like the pattern; no interface has a name of more than 15 characters. */
export function matchesPattern({ expression }: InterfacePattern, name: string): boolean {
  return name.length <= longestName && expression.test(name);
}
