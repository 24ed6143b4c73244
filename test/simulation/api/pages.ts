import type { ApiObject } from "./object.ts";
import { expired } from "./refusal.ts";

/** A part of a list, as of one version. */
export type ListPage = {
  readonly items: readonly ApiObject[];
  readonly version: number;
  readonly next: string | undefined;
};

type Rest = { readonly items: readonly ApiObject[]; readonly version: number };

/** Lists in parts: a token stands for what is left of a list as it was when its first page was asked for. */
export class Pages {
  readonly #rests = new Map<string, Rest>();
  #tokens = 0;

  /** The page that a query asks for. @throws {ApiRefusal} 410 if its token is no longer known */
  page(query: URLSearchParams, all: () => readonly ApiObject[], version: number): ListPage {
    const token = query.get("continue");
    const limit = Number(query.get("limit") ?? Number.POSITIVE_INFINITY);
    if (token === null) return this.#cut({ items: all(), version }, limit);
    const rest = this.#rests.get(token);
    if (rest === undefined) throw expired();
    return this.#cut(rest, limit);
  }

  /** Forgets all tokens. */
  clear(): void {
    this.#rests.clear();
  }

  #cut({ items, version }: Rest, limit: number): ListPage {
    if (items.length <= limit) return { items, version, next: undefined };
    const next = `page-${++this.#tokens}`;
    this.#rests.set(next, { items: items.slice(limit), version });
    return { items: items.slice(0, limit), version, next };
  }
}
