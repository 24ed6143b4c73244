import type { Logger } from "./log.ts";

/** Tells the log once what is wrong with the API server, and once that all is well again, however many calls fail between. */
export type OutageLog = { failed(err: Error): void; worked(): void };

/** Everything that fails without an answer is one and the same trouble. */
const noAnswer = "";

/** A log of outages that begins while all is well. */
export function createOutageLog(log: Logger): OutageLog {
  const told = new Set<string>();
  return {
    failed: (err) => {
      const trouble = refusal(err);
      const level = told.has(trouble) ? "debug" : "warn";
      told.add(trouble);
      log[level]({ err }, trouble === noAnswer ? "api server away" : "api server refused");
    },
    worked: () => {
      if (told.size > 0) log.info({}, "api server back");
      told.clear();
    },
  };
}

/** What the API server said, where it is an answer of the API server that the error comes from. */
function refusal(err: unknown): string {
  if (!(err instanceof Error)) return noAnswer;
  return err.name === "ApiError" ? err.message : refusal(err.cause);
}
