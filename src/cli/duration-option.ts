import { notADuration, parseDuration } from "../api/duration.ts";
import { type Given, textGiven, UsageError } from "./command.ts";

/**
 * The milliseconds that an option says.
 * @throws {UsageError} if it says no duration
 */
export function durationMs(given: Given, name: string): number {
  const text = textGiven(given, name) ?? "";
  const ms = parseDuration(text);
  if (ms === undefined) throw new UsageError(`--${name}: ${notADuration(text)}`);
  return ms;
}
