/** Until when each route was planned, by pair of node and router. */
export class PlanHistory {
  readonly #untilMs = new Map<string, Map<string, number>>();

  /** What is planned for a pair from now on. */
  note(pair: string, routes: readonly string[], nowMs: number): void {
    const planned = this.#untilMs.get(pair) ?? new Map<string, number>();
    this.#untilMs.set(pair, planned);
    for (const [route, untilMs] of planned) if (untilMs === Number.POSITIVE_INFINITY) planned.set(route, nowMs);
    for (const route of routes) planned.set(route, Number.POSITIVE_INFINITY);
  }

  /** Infinity: it still is; -Infinity: it never was. */
  untilMs(pair: string, route: string): number {
    return this.#untilMs.get(pair)?.get(route) ?? Number.NEGATIVE_INFINITY;
  }
}
