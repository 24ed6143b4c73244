import type { Controller } from "./controller.ts";

/** Tells when leadership begins and ends, until the signal aborts; then gives it up and resolves. */
export type Election = (
  told: { readonly onAcquired: () => void; readonly onLost: () => void },
  signal: AbortSignal,
) => Promise<void>;

type Term = { readonly controller: Controller; readonly stop: AbortController; readonly ended: Promise<void> };

/** Runs a controller for each term of leadership; each starts with nothing but what the cluster shows. */
export class Terms {
  #term: Term | undefined;

  /** The controller that works now, if any does. */
  get current(): Controller | undefined {
    return this.#term?.controller;
  }

  /**
   * Until the signal aborts. Leadership is given up only after the work has ended. Without an election there is one term.
   * @throws what a controller threw: a bug
   */
  async run(open: () => Controller, elect: Election | undefined, signal: AbortSignal): Promise<void> {
    const failed = Promise.withResolvers<never>();
    const resign = new AbortController();
    const begin = (): void => {
      if (signal.aborted) return;
      const controller = open();
      const stop = new AbortController();
      this.#term = { controller, stop, ended: controller.run(stop.signal).catch(failed.reject) };
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

  #end(): void {
    this.#term?.stop.abort();
    this.#term = undefined;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
