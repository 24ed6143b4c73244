const longestMessage = 1024;

/** The message of a condition: at most 1,024 characters, as in an Event, for what people write into objects may be long. */
export function shortMessage(text: string): string {
  return text.length <= longestMessage ? text : `${text.slice(0, longestMessage - 1)}…`;
}
