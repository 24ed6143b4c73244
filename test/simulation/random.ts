/** Chance that repeats itself: the same seed, the same numbers (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** A number in [least, most). */
  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  /** True in so many cases of one. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of them. @throws {Error} if there is none */
  pick<Each>(list: readonly Each[]): Each {
    const picked = list[this.below(list.length)];
    if (picked === undefined) throw new Error("pick: the list is empty");
    return picked;
  }

  /** One of them, each as often as its weight says. */
  weighted<Each>(list: readonly (readonly [weight: number, each: Each])[]): Each {
    const total = list.reduce((sum, [weight]) => sum + weight, 0);
    let left = this.next() * total;
    for (const [weight, each] of list) {
      left -= weight;
      if (left < 0) return each;
    }
    return this.pick(list)[1];
  }
}
