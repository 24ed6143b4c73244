import { type ApiObject, keyOf } from "./object.ts";

/** One step of the history; `by` is who wrote. */
export type StoredChange = {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly plural: string;
  readonly key: string;
  readonly version: number;
  readonly object: ApiObject;
  readonly before: ApiObject | undefined;
  readonly by: string;
};

const none: ReadonlyMap<string, ApiObject> = new Map();

/** Objects by collection and key, one counter of versions, and the history since `oldest`. */
export class Storage {
  version = 1000;
  /** Watches that begin before this version are expired. */
  oldest = 0;
  readonly #collections = new Map<string, Map<string, ApiObject>>();
  readonly #history: StoredChange[] = [];
  readonly #followers: ((change: StoredChange) => void)[] = [];

  /** All objects of a collection as they are now. */
  all(plural: string): ReadonlyMap<string, ApiObject> {
    return this.#collections.get(plural) ?? none;
  }

  /** One of them. */
  get(plural: string, key: string): ApiObject | undefined {
    return this.#collections.get(plural)?.get(key);
  }

  /** Writes an object, new or not, with the next version. */
  put(plural: string, given: ApiObject, by: string): ApiObject {
    const key = keyOf(given.metadata);
    const before = this.get(plural, key);
    const object = this.#versioned(given);
    this.#collection(plural).set(key, object);
    this.#record({ type: before === undefined ? "ADDED" : "MODIFIED", plural, key, object, before, by });
    return object;
  }

  /** Takes an object out. */
  remove(plural: string, key: string, by: string): void {
    const before = this.get(plural, key);
    if (before === undefined) return;
    this.#collection(plural).delete(key);
    this.#record({ type: "DELETED", plural, key, object: this.#versioned(before), before, by });
  }

  /** Calls back after each change. */
  follow(hear: (change: StoredChange) => void): void {
    this.#followers.push(hear);
  }

  /** What happened after a version; undefined: that is too long ago. */
  since(version: number): readonly StoredChange[] | undefined {
    if (version < this.oldest) return undefined;
    let first = this.#history.length;
    while (first > 0 && (this.#history[first - 1]?.version ?? 0) > version) first--;
    return this.#history.slice(first);
  }

  /** Forgets the history, as etcd does every 5 minutes. */
  compact(): void {
    this.oldest = this.version;
    this.#history.length = 0;
  }

  #collection(plural: string): Map<string, ApiObject> {
    let collection = this.#collections.get(plural);
    if (collection === undefined) {
      collection = new Map();
      this.#collections.set(plural, collection);
    }
    return collection;
  }

  #versioned(object: ApiObject): ApiObject {
    this.version += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.version) } };
  }

  #record(change: Omit<StoredChange, "version">): void {
    const recorded = { ...change, version: this.version };
    this.#history.push(recorded);
    for (const hear of this.#followers) hear(recorded);
  }
}
