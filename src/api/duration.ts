import { cut } from "./cut-text.ts";

const hourMs = 3_600_000;
const minuteMs = 60_000;
const secondMs = 1_000;

/** The longest duration that is read: 8760h, a year. */
export const longestDurationMs = 8760 * hourMs;

const parts = /^(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?$/;

/**
 * The milliseconds that a text means, or undefined if it is no duration: whole hours, minutes and seconds in this order, at
 * least one of them (`24h`, `1h30m`, `0s`), as Go writes durations; at most 8760h.
 */
export function parseDuration(text: string): number | undefined {
  const found = text === "" ? null : parts.exec(text);
  if (found === null) return undefined;
  const [, hours = "0", minutes = "0", seconds = "0"] = found;
  const ms = Number(hours) * hourMs + Number(minutes) * minuteMs + Number(seconds) * secondMs;
  return ms <= longestDurationMs ? ms : undefined;
}

const longestShown = 32;

/** What to say of a text that is no duration; of a long one only the beginning is repeated. */
export function notADuration(text: string): string {
  return `"${cut(text, longestShown)}" is no duration: expected hours, minutes and seconds such as 24h, 1h30m or 0s, at most 8760h`;
}

/** The text of a duration: `24h`, `1h30m`, `5m`, `0s`. Less than a second is left out. */
export function formatDuration(ms: number): string {
  const texts = [
    [Math.floor(ms / hourMs), "h"],
    [Math.floor(ms / minuteMs) % 60, "m"],
    [Math.floor(ms / secondMs) % 60, "s"],
  ] as const;
  return (
    texts
      .filter(([count]) => count > 0)
      .map(([count, unit]) => `${count}${unit}`)
      .join("") || "0s"
  );
}
