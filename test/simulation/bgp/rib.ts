import type { Family } from "../../../src/net/address.ts";
import { formatPrefix } from "../../../src/net/prefix.ts";
import { readUpdate } from "../../unit/protocols/bgp/update-reader.ts";
import { nextHopText, routeText } from "./plan.ts";

/** What a router knows from one neighbour: prefixes as text with the whole route as text, fresh ones and those kept over a restart. */
export class Rib {
  #fresh = new Map<string, string>();
  #stale = new Map<string, string>();

  /** All routes by which packets go, sorted. */
  get routes(): readonly string[] {
    return [...new Map([...this.#stale, ...this.#fresh]).values()].sort();
  }

  get size(): number {
    return this.#fresh.size;
  }

  /**
   * Takes an UPDATE; AS numbers in its AS_PATH have so many bytes. What it announces is given back.
   * @throws {Error} if a route is withdrawn that was never announced
   */
  take(message: Uint8Array, numberLength: 2 | 4): readonly string[] {
    const { withdrawn, announced, attributes, types } = readUpdate(message, numberLength);
    for (const gone of withdrawn.map(formatPrefix)) {
      if (!this.#fresh.delete(gone)) throw new Error(`${gone} is withdrawn, though it was never announced`);
      this.#stale.delete(gone);
    }
    if (message.length === 23) this.dropStale(4);
    if (types.length === 1 && types[0] === 15 && withdrawn.length === 0) this.dropStale(6);
    if (attributes === undefined) return [];
    return announced.map((prefix) => {
      const text = routeText(prefix, { ...attributes, origin: "igp", nextHop: nextHopText(attributes.nextHop) });
      this.#fresh.set(formatPrefix(prefix), text);
      this.#stale.delete(formatPrefix(prefix));
      return text;
    });
  }

  /** The connection is lost; `keeps`: the neighbour restarts gracefully. What was stale already goes (RFC 4724, 4.2). */
  lose(keeps: boolean): void {
    this.#stale = keeps ? this.#fresh : new Map();
    this.#fresh = new Map();
  }

  /** What is still stale of a family goes: the neighbour told all of it, keeps none of it, or did not come back. */
  dropStale(family: Family): void {
    for (const prefix of this.#stale.keys()) if (prefix.includes(":") === (family === 6)) this.#stale.delete(prefix);
  }
}
