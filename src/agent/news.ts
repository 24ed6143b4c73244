import type { HeldAddress, Trouble } from "./held.ts";

/** What is worth a line in the log and a count. */
export type News =
  | { readonly kind: "ownership"; readonly change: "announced" | "withdrawn"; readonly cause: string }
  | { readonly kind: "trouble"; readonly trouble: Trouble };

/** What a report has changed: each change of ownership once, with its cause, and each new trouble once. */
export function newsOf(before: HeldAddress, after: HeldAddress | undefined): readonly News[] {
  const news: News[] = [];
  const trouble = after?.trouble;
  if (trouble !== undefined && trouble.message !== before.trouble?.message) news.push({ kind: "trouble", trouble });
  const answering = after?.answering ?? false;
  if (answering && !before.answering) news.push({ kind: "ownership", change: "announced", cause: before.cause });
  if (!answering && before.answering)
    news.push({ kind: "ownership", change: "withdrawn", cause: lossCause(before, trouble) });
  return news;
}

/** What nobody asked for and no trouble explains is the speaker's end. */
function lossCause({ asked, cause }: HeldAddress, trouble: Trouble | undefined): string {
  return trouble?.reason ?? (asked === "announce" ? "stopped" : cause);
}
