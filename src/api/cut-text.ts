/** As long as the message of an Event may be. */
const longestMessage = 1024;

/** The message of a condition, cut at that, for what people write into objects may be long. */
export function shortMessage(text: string): string {
  return cut(text, longestMessage);
}

/**
 * A text of at most so many characters, the last of which is `…` if it was longer. Half a character, which the API server would
 * not give back as it was written, becomes U+FFFD.
 */
export function cut(text: string, most: number): string {
  const whole = text.toWellFormed();
  if (whole.length <= most) return whole;
  const characters = [...whole];
  return characters.length <= most ? whole : `${characters.slice(0, most - 1).join("")}…`;
}
