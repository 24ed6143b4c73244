import { type DestinationStream, pino } from "pino";

/** The levels of a log, the most talkative first. */
export const logLevels = ["debug", "info", "warn", "error"] as const;

/** One of logLevels. */
export type LogLevel = (typeof logLevels)[number];

type LogMethod = (fields: object, message: string) => void;

/** Writes a constant message with fields; `err` holds an Error with its causes. */
export type Logger = Readonly<Record<LogLevel, LogMethod>> & {
  /** A logger that adds these fields to every line. */
  child(fields: Record<string, unknown>): Logger;
};

/** A logger of JSON lines (`level`, `time` in RFC 3339, the fields, `msg`) to the destination; default: standard output. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
