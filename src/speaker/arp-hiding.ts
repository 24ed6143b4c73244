import type { Link } from "../linux/rtnetlink.ts";

/** What hiding needs of the world; `makeStrict` gives why it cannot, in words, or undefined. */
export type ArpHidingPorts = {
  readonly links: () => readonly Link[];
  readonly makeStrict: (link: Link) => string | undefined;
};

/** A node with Pods has hundreds of interfaces, and to look at one takes 40 µs. */
const LOOKS_AT_ONCE = 20;
const FAILURES_TOLD = 3;

/**
 * Keeps every network from hearing of IPv4 addresses on lo: the kernel answers for them also on interfaces that have no address, or
 * that lead to Pods.
 */
export class ArpHiding {
  readonly #ports: ArpHidingPorts;
  /** The interfaces that were strict when they were last looked at; who was looked at longest ago comes first. */
  readonly #strict = new Set<number>();

  constructor(ports: ArpHidingPorts) {
    this.#ports = ports;
  }

  /**
   * Looks at the interfaces that are new and at some of the others, in turn; gives why some tell their networks of lo, in words (the
   * first three), or undefined.
   */
  hide(): string | undefined {
    const links = this.#ports.links().filter(({ ethernet, loopback }) => ethernet && !loopback);
    const there = new Map(links.map((link) => [link.index, link]));
    const turns = [...this.#strict].slice(0, LOOKS_AT_ONCE).flatMap((index) => there.get(index) ?? []);
    for (const index of this.#strict) if (!there.has(index)) this.#strict.delete(index);
    const news = links.filter(({ index }) => !this.#strict.has(index));
    // One that is down tells nobody yet: what fails on one that is up matters more.
    return this.#look([...turns, ...news.toSorted((a, b) => Number(b.up) - Number(a.up))]);
  }

  #look(links: readonly Link[]): string | undefined {
    const failures: string[] = [];
    for (const link of links) {
      this.#strict.delete(link.index);
      const failure = this.#ports.makeStrict(link);
      if (failure === undefined) this.#strict.add(link.index);
      else failures.push(failure);
      // One is enough to keep addresses from lo; what is the matter with one is mostly so with all.
      if (failures.length === FAILURES_TOLD) break;
    }
    return failures.length > 0 ? failures.join("; ") : undefined;
  }
}
