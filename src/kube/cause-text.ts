/** The first line of what went wrong, for messages that name the file themselves: without the path that Node appends. */
export function causeText(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const [first = ""] = cause.message.split("\n");
  const { code } = cause as NodeJS.ErrnoException;
  return first.replace(/, (?:open|read|stat|scandir)(?: '.*')?$|:$/, "") || code || cause.name;
}
