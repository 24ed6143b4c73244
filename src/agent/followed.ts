import { formatProblems, type Parsed } from "../api/problem.ts";
import type { Logger } from "../runtime/log.ts";

/** What follows the API server, and can be called again once it has ended. */
type Follower = { run(signal: AbortSignal): Promise<void> };

/** Followers that run, and can be made to open new watches, from where the old ones were. */
export class Running {
  #current = new AbortController();

  /** They run until the signal aborts. */
  constructor(followers: readonly Follower[], signal: AbortSignal) {
    for (const follower of followers) void this.#run(follower, signal);
  }

  /** An open connection may have been dead for long. */
  reopen(): void {
    this.#current.abort();
    this.#current = new AbortController();
  }

  async #run(follower: Follower, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) await follower.run(AbortSignal.any([signal, this.#current.signal]));
  }
}

/** What parsed of a store; the same array as long as the store's is. */
export function parsedList<T>(store: { values(): readonly (T | undefined)[] }): () => readonly T[] {
  let from: readonly (T | undefined)[] | undefined;
  let list: readonly T[] = [];
  return () => {
    const values = store.values();
    if (values !== from) list = values.filter((each) => each !== undefined);
    from = values;
    return list;
  };
}

type Named = { readonly kind?: string; readonly metadata: { readonly name: string } };

/** What does not parse is no order to anybody; the log says so once for each version of it. */
export function parsedOf<T>(parsed: Parsed<T>, { kind, metadata }: Named, log: Logger): T | undefined {
  if ("value" in parsed) return parsed.value;
  log.warn({ object: `${kind} ${metadata.name}`, problems: formatProblems(parsed.problems) }, "object malformed");
  return undefined;
}
