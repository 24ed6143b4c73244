import type { ManagedFieldsEntry } from "../api/field-managers.ts";
import { apiVersion, type KubeObject, type Live, type LiveMeta, objectKey, type Resource } from "./resource.ts";

/** One object of a store: which it is, how new, and what was kept of it. */
export type Entry<T> = {
  readonly key: string;
  readonly uid: string;
  readonly version: bigint;
  readonly value: T;
};

/**
 * What a store keeps: `project` runs once for each object and resourceVersion, on an object without managedFields; they come
 * apart, so that what keeps the object does not keep them.
 */
export type StoreOptions<T, Raw extends KubeObject> = {
  readonly resource: Resource<Raw>;
  readonly project: (raw: Live<Raw>, managedFields: readonly ManagedFieldsEntry[]) => T;
};

type ManagedMeta = LiveMeta & { readonly managedFields?: readonly ManagedFieldsEntry[] };

const BURIED_MAX = 10_000;

/**
 * The objects of one kind as last seen, keyed `namespace/name` or `name`. Herald's own writes go in at once by `observe` and
 * `forget`; resourceVersions (comparable numbers, KEP-5504) decide which of two sights is newer, so that a late watch event
 * neither undoes a write nor brings a deleted object back. What is read between two changes is the same array.
 */
export class Store<T, Raw extends KubeObject = KubeObject> {
  readonly #options: StoreOptions<T, Raw>;
  #entries = new Map<string, Entry<T>>();
  #values: readonly T[] | undefined;
  /** Deleted by us, while the watch may still show them; oldest first. */
  readonly #buried = new Set<string>();
  /** Every change up to here has been delivered by list and watch. */
  #progress = -1n;
  #synced = false;

  constructor(options: StoreOptions<T, Raw>) {
    this.#options = options;
  }

  /** Whether the first whole list is in. */
  get synced(): boolean {
    return this.#synced;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** All values, in no promised order; the same array until something changes. */
  values(): readonly T[] {
    this.#values ??= Array.from(this.#entries.values(), ({ value }) => value);
    return this.#values;
  }

  /** The value at `namespace/name`, or `name`. */
  get(key: string): T | undefined {
    return this.#entries.get(key)?.value;
  }

  /** The uid and resourceVersion at a key, for guarded writes. */
  identity(key: string): { readonly uid: string; readonly resourceVersion: string } | undefined {
    const entry = this.#entries.get(key);
    return entry && { uid: entry.uid, resourceVersion: String(entry.version) };
  }

  /**
   * Takes in the answer to a write (or a GET) of our own; the object must be one that the reflector's selectors admit.
   * True if that changed the store: it wakes nobody, the caller knows. An answer older than what is known changes nothing.
   */
  observe(raw: Live<Raw>): boolean {
    const entry = this.entry(raw);
    if (!this.#entries.has(entry.key) && entry.version <= this.#progress) return false;
    return this.#put(entry);
  }

  /** Takes out an object that we have deleted for good; its late events are ignored. True if that changed the store. */
  forget(key: string, uid: string): boolean {
    this.#bury(uid);
    return this.#entries.get(key)?.uid === uid && this.#remove(key);
  }

  /** For the reflector: an object as an entry, with the projection of before if the object is the same. */
  entry(raw: Live<Raw>): Entry<T> {
    const { managedFields = [], ...metadata } = raw.metadata as ManagedMeta;
    const key = objectKey(metadata);
    const version = BigInt(metadata.resourceVersion);
    const known = this.#entries.get(key);
    if (known !== undefined && known.uid === metadata.uid && known.version === version) return known;
    const { resource, project } = this.#options;
    const whole: unknown = { apiVersion: apiVersion(resource), kind: resource.kind, ...raw, metadata };
    return { key, uid: metadata.uid, version, value: project(whole as Live<Raw>, managedFields) };
  }

  /** For the reflector: an ADDED or MODIFIED event. True if it changed the store. */
  accept(raw: Live<Raw>): boolean {
    const entry = this.entry(raw);
    this.advance(entry.version);
    return this.#put(entry);
  }

  /** For the reflector: a DELETED event. True if it changed the store. */
  drop(raw: Live<Raw>): boolean {
    const { uid, resourceVersion } = raw.metadata;
    const key = objectKey(raw.metadata);
    const version = BigInt(resourceVersion);
    this.advance(version);
    this.#buried.delete(uid);
    const known = this.#entries.get(key);
    return known !== undefined && known.uid === uid && known.version <= version && this.#remove(key);
  }

  /** For the reflector: all changes up to this version have been told. False if that goes back in history. */
  advance(version: bigint): boolean {
    if (version < this.#progress) return false;
    this.#progress = version;
    return true;
  }

  /**
   * For the reflector: a whole list, read at `version`. What it lacks is gone, unless we wrote it after that. A list older
   * than what the watch has told means that the server's history was replaced (a restored backup): then only the list counts.
   * True if it changed the store.
   */
  replaceAll(listed: readonly Entry<T>[], version: bigint): boolean {
    const before = version < this.#progress ? new Map<string, Entry<T>>() : this.#entries;
    if (before !== this.#entries) this.#buried.clear();
    const after = new Map<string, Entry<T>>();
    for (const entry of listed) {
      if (!this.#buried.has(entry.uid)) after.set(entry.key, newer(before.get(entry.key), entry));
    }
    for (const entry of before.values()) {
      if (!after.has(entry.key) && entry.version > version) after.set(entry.key, entry);
    }
    const changed = !sameEntries(this.#entries, after);
    if (changed) this.#values = undefined;
    this.#entries = after;
    this.#progress = version;
    this.#synced = true;
    return changed;
  }

  #put(entry: Entry<T>): boolean {
    if (this.#buried.has(entry.uid)) return false;
    const known = this.#entries.get(entry.key);
    if (known !== undefined && known.version >= entry.version) return false;
    this.#entries.set(entry.key, entry);
    this.#values = undefined;
    return true;
  }

  #remove(key: string): boolean {
    this.#values = undefined;
    return this.#entries.delete(key);
  }

  #bury(uid: string): void {
    this.#buried.add(uid);
    if (this.#buried.size <= BURIED_MAX) return;
    for (const oldest of this.#buried) {
      this.#buried.delete(oldest);
      break;
    }
  }
}

function newer<T>(known: Entry<T> | undefined, listed: Entry<T>): Entry<T> {
  return known !== undefined && known.version >= listed.version ? known : listed;
}

function sameEntries<T>(a: ReadonlyMap<string, Entry<T>>, b: ReadonlyMap<string, Entry<T>>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, entry] of b) if (a.get(key) !== entry) return false;
  return true;
}
