import type { HeldAddress, Trouble } from "./held.ts";
import type { AddressReport } from "./ports.ts";

/** What is worth a line in the log and a count. */
export type News =
  | { readonly kind: "ownership"; readonly change: "announced" | "withdrawn"; readonly cause: string }
  | { readonly kind: "trouble"; readonly trouble: Trouble };

/** What a report has changed: each change of ownership once, with its cause, and each new trouble once. */
export function newsOf(before: HeldAddress, after: HeldAddress | undefined, report: AddressReport): readonly News[] {
  const news: News[] = [];
  const trouble = after?.trouble;
  if (trouble !== undefined && trouble.message !== before.trouble?.message) news.push({ kind: "trouble", trouble });
  const answering = after?.answering ?? false;
  if (answering === before.answering) return news;
  const cause = "cause" in report ? report.cause : (trouble?.reason ?? "stopped");
  return [...news, { kind: "ownership", change: answering ? "announced" : "withdrawn", cause }];
}
