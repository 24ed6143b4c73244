/** Something wrong in an object: where (`spec.addresses[2]`) and what was expected instead. */
export type Problem = { readonly path: string; readonly message: string };

/** An object's domain value with what is odd but harmless, or everything that is wrong with it at once. */
export type Parsed<Value> =
  | { readonly value: Value; readonly warnings: readonly Problem[] }
  | { readonly problems: readonly Problem[] };

/** `path: message; path: message`, as admission, conditions and the log show it. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(({ path, message }) => `${path}: ${message}`).join("; ");
}
