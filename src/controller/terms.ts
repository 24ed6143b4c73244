import type { Controller } from "./controller.ts";

/** Tells when leadership begins and ends, until the signal aborts; then gives it up and resolves. */
export type Election = (
  told: { readonly onAcquired: () => void; readonly onLost: () => void },
  signal: AbortSignal,
) => Promise<void>;

/** How a controller of a term is made, and what must be done before it works: the last leader's writes must be seen. */
export type Opening = {
  readonly open: () => Controller;
  /** @throws the signal's reason if it aborts first */
  readonly prepare?: (signal: AbortSignal) => Promise<void>;
};

type Term = { readonly controller: Controller; readonly stop: AbortController; readonly ended: Promise<void> };

/** Runs a controller for each term of leadership; each starts with nothing but what the cluster shows. */
export class Terms {
  #term: Term | undefined;
  /** The end of the last term, while its work is still under way. */
  #ending: Promise<void> | undefined;

  /** The controller that works now, if any does. */
  get current(): Controller | undefined {
    return this.#term?.controller;
  }

  /**
   * Until the signal aborts. Leadership is given up only after the work has ended, and a term begins only after the last one
   * has. Without an election there is one term.
   * @throws what a controller threw: a bug
   */
  async run(opening: Opening, elect: Election | undefined, signal: AbortSignal): Promise<void> {
    const failed = Promise.withResolvers<never>();
    const resign = new AbortController();
    const begin = (): void => {
      if (signal.aborted) return;
      const controller = opening.open();
      const stop = new AbortController();
      const ended = this.#work(controller, opening, stop.signal).catch(failed.reject);
      this.#term = { controller, stop, ended };
    };
    const election =
      elect?.({ onAcquired: begin, onLost: () => this.#end() }, resign.signal) ?? Promise.resolve(begin());
    try {
      await Promise.race([failed.promise, aborted(signal)]);
    } finally {
      const ended = this.#term?.ended;
      this.#end();
      await ended;
      resign.abort();
      await election;
    }
  }

  async #work(controller: Controller, { prepare }: Opening, signal: AbortSignal): Promise<void> {
    if (this.#ending !== undefined) await this.#ending;
    try {
      if (prepare !== undefined) await prepare(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (!signal.aborted) await controller.run(signal);
  }

  #end(): void {
    const term = this.#term;
    this.#term = undefined;
    if (term === undefined) return;
    term.stop.abort();
    const ending = term.ended.then(() => {
      if (this.#ending === ending) this.#ending = undefined;
    });
    this.#ending = ending;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
