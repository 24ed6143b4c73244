/** The function, which gives what it gave last as long as every argument is the very same. */
export function remembered<Args extends readonly unknown[], Result>(
  make: (...args: Args) => Result,
): (...args: Args) => Result {
  let last: { readonly args: Args; readonly result: Result } | undefined;
  return (...args) => {
    if (last === undefined || last.args.some((each, i) => each !== args[i])) last = { args, result: make(...args) };
    return last.result;
  };
}
