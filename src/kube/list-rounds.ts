/** Which list is wanted, and who waits for one: a round begins whenever somebody wants a list that is newer than his question. */
export class ListRounds {
  readonly #waiting = new Map<() => void, number>();
  #wanted = 0;
  #listed = 0;

  /** The round of a list that begins now. */
  get wanted(): number {
    return this.#wanted;
  }

  /** Whether the newest list is older than somebody's question. */
  get due(): boolean {
    return this.#listed !== this.#wanted;
  }

  /** Asks for a list that begins after this call; gives its round. */
  begin(): number {
    return ++this.#wanted;
  }

  /** The list of this round is in. */
  listed(round: number): void {
    this.#listed = round;
    for (const [resolve, wanted] of this.#waiting) if (wanted <= round) resolve();
  }

  /** Resolves at the next list that is of this round or later. @throws the signal's reason if it aborts first */
  async reached(round: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = (): void => reject(signal.reason);
    this.#waiting.set(resolve, round);
    signal.addEventListener("abort", giveUp, { once: true });
    await promise.finally(() => {
      this.#waiting.delete(resolve);
      signal.removeEventListener("abort", giveUp);
    });
  }
}
