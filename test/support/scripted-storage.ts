import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

/** Any object, as JSON. */
export type ApiObject = {
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: string;
    readonly creationTimestamp?: string;
  };
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
};

/** One step of the history. */
export type Change = {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly path: string;
  readonly version: number;
  readonly object: ApiObject;
  readonly before: ApiObject | undefined;
};

/** An answer that is no success. */
export class Failure extends Error {
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

const conflict = (message: string): Failure => new Failure(409, "Conflict", message);

/** Objects by path, one counter of versions, and the history since `oldest`. Status is written by its own calls only. */
export class ScriptedStorage {
  version = 100;
  /** Watches from before this version are expired, continue tokens too. */
  oldest = 0;
  readonly #objects = new Map<string, ApiObject>();
  #history: Change[] = [];
  readonly #followers = new Set<(change: Change) => void>();

  /** @throws {Failure} 404 */
  read(path: string): ApiObject {
    const found = this.#objects.get(path);
    if (found === undefined) throw new Failure(404, "NotFound", `${path} not found`);
    return found;
  }

  /** The objects as they were at a version. @throws {Failure} 410 if that is too old */
  list(collection: string, version: number): ApiObject[] {
    if (version < this.oldest) throw new Failure(410, "Expired", "the provided continue parameter is too old");
    const then = new Map(this.#objects);
    for (const change of this.#history.toReversed()) if (change.version > version) undo(then, change);
    const inside = [...then].filter(([path]) => matches(path, collection));
    return inside.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  /** @throws {Failure} 409 AlreadyExists */
  create(collection: string, object: ApiObject): ApiObject {
    const path = `${collection}/${object.metadata?.name}`;
    if (this.#objects.has(path)) throw new Failure(409, "AlreadyExists", `${path} already exists`);
    const { status: _, ...rest } = object;
    const metadata = {
      ...object.metadata,
      uid: randomUUID(),
      generation: 1,
      creationTimestamp: new Date().toISOString(),
    };
    return this.#store(path, "ADDED", { ...rest, metadata });
  }

  /** @throws {Failure} 404, or 409 Conflict on another uid or resourceVersion */
  replace(path: string, object: ApiObject, onlyStatus: boolean): ApiObject {
    const before = this.read(path);
    guard(before, object.metadata);
    const merged = onlyStatus
      ? { ...before, status: object.status }
      : { ...object, status: before.status, metadata: { ...object.metadata, uid: before.metadata?.uid ?? "" } };
    return this.#change(path, merged);
  }

  /** RFC 7386. @throws {Failure} as `replace` */
  mergePatch(path: string, patch: ApiObject, onlyStatus: boolean): ApiObject {
    const before = this.read(path);
    guard(before, patch.metadata);
    const merged = merge(before, patch) as ApiObject;
    const part = onlyStatus ? { ...before, status: merged.status } : { ...merged, status: before.status };
    return this.#change(path, part);
  }

  /** @throws {Failure} 404, or 409 if the preconditions fail */
  delete(path: string, options: ApiObject): ApiObject {
    const before = this.read(path);
    guard(before, options.preconditions);
    const metadata = { ...before.metadata, deletionTimestamp: new Date().toISOString() };
    if (before.metadata?.finalizers?.length) return this.#store(path, "MODIFIED", { ...before, metadata });
    return this.#store(path, "DELETED", before);
  }

  /** Hears the whole history again, then all that comes; call what it gives back to stop. */
  follow(hear: (change: Change) => void): () => void {
    for (const change of this.#history) hear(change);
    this.#followers.add(hear);
    return () => this.#followers.delete(hear);
  }

  /** Forgets the history, as etcd does every 5 minutes. */
  compact(): void {
    this.#history = [];
    this.oldest = this.version;
  }

  /** A backup is restored: what happened after `version` never did. */
  restore(version: number): void {
    for (const change of this.#history.toReversed()) if (change.version > version) undo(this.#objects, change);
    this.#history = this.#history.filter((change) => change.version <= version);
    this.version = version;
  }

  #change(path: string, object: ApiObject): ApiObject {
    const before = this.#objects.get(path);
    if (before !== undefined && isDeepStrictEqual(withoutVersion(before), withoutVersion(object))) return before;
    const gone = object.metadata?.deletionTimestamp !== undefined && !object.metadata.finalizers?.length;
    return this.#store(path, gone ? "DELETED" : "MODIFIED", object);
  }

  #store(path: string, type: Change["type"], given: ApiObject): ApiObject {
    const before = this.#objects.get(path);
    this.version += 1;
    const object = { ...given, metadata: { ...given.metadata, resourceVersion: String(this.version) } };
    if (type === "DELETED") this.#objects.delete(path);
    else this.#objects.set(path, object);
    const change = { type, path, version: this.version, object, before };
    this.#history.push(change);
    for (const hear of this.#followers) hear(change);
    return object;
  }
}

function undo(objects: Map<string, ApiObject>, { path, before }: Change): void {
  if (before === undefined) objects.delete(path);
  else objects.set(path, before);
}

function withoutVersion(object: ApiObject): unknown {
  return { ...object, metadata: { ...object.metadata, resourceVersion: "" } };
}

/** Whether a collection holds a path; `/api/v1/services` holds what is in every namespace, too. */
export function matches(path: string, collection: string): boolean {
  if (path.startsWith(`${collection}/`)) return true;
  const cut = collection.lastIndexOf("/");
  const pattern = `${collection.slice(0, cut)}/namespaces/`;
  return path.startsWith(pattern) && path.slice(pattern.length).split("/")[1] === collection.slice(cut + 1);
}

function guard(
  before: ApiObject,
  wanted: { readonly uid?: string; readonly resourceVersion?: string } | undefined,
): void {
  const { uid, resourceVersion } = before.metadata ?? {};
  if (wanted?.uid !== undefined && wanted.uid !== uid) throw conflict("uid in precondition differs");
  if (wanted?.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion) {
    throw conflict("the object has been modified");
  }
}

function merge(before: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = { ...(before as Record<string, unknown> | undefined) };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = merge(result[name], value);
  }
  return result;
}
