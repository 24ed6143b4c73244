import type { ByteStream } from "./byte-stream.ts";
import { apiVersionOf, type Route } from "./kinds.ts";
import { jsonOf } from "./object.ts";
import { expired } from "./refusal.ts";
import { type Admits, selectorOf } from "./selector.ts";
import type { Storage, StoredChange } from "./storage.ts";

/** How events travel to one watcher: when they arrive is the network's matter. */
export type Carrier = {
  /** Something waits: call `flush` when it shall arrive. */
  readonly pending: (watch: Watch) => void;
};

type EventType = StoredChange["type"];

/** One open watch. */
export class Watch {
  readonly plural: string;
  readonly #kind: Route["kind"];
  readonly #admits: Admits;
  readonly #stream: ByteStream;
  readonly #carrier: Carrier;
  #waiting: Uint8Array[] = [];
  /** Up to which version everything has been put into the queue. */
  #version: number;
  open = true;

  constructor(route: Route, stream: ByteStream, carrier: Carrier) {
    this.plural = route.kind.plural;
    this.#kind = route.kind;
    this.#admits = selectorOf(route);
    this.#stream = stream;
    this.#carrier = carrier;
    this.#version = Number(route.query.get("resourceVersion") ?? 0);
  }

  /** Queues what a change is to this watcher. */
  note(change: StoredChange): void {
    if (change.plural !== this.plural || !this.open) return;
    this.#version = change.version;
    const type = this.#eventType(change);
    if (type !== undefined) this.#queue(lineOf(change, type));
  }

  /** Queues a bookmark: everything up to this version has been told. */
  bookmark(version: number): void {
    this.#version = Math.max(version, this.#version);
    const metadata = { resourceVersion: String(this.#version), creationTimestamp: null };
    const object = { kind: this.#kind.kind, apiVersion: apiVersionOf(this.#kind), metadata };
    this.#queue(bytesOf({ type: "BOOKMARK", object }));
  }

  /** Delivers what waits. */
  flush(): void {
    if (!this.open || this.#waiting.length === 0) return;
    const [first] = this.#waiting;
    const chunk = this.#waiting.length === 1 && first !== undefined ? first : Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#stream.push(chunk);
  }

  /** The server says, after what waits, that the watcher's version is of no use any more, and ends the watch. */
  expire(): void {
    this.#queue(bytesOf({ type: "ERROR", object: expired().body() }));
    this.flush();
    this.end();
  }

  /** The server ends it in good order, after what waits. */
  end(): void {
    this.flush();
    this.open = false;
    this.#stream.end();
  }

  /** The connection breaks: what waits is lost. */
  fail(error: unknown): void {
    this.open = false;
    this.#stream.fail(error);
  }

  #queue(line: Uint8Array): void {
    this.#waiting.push(line);
    this.#carrier.pending(this);
  }

  /** What leaves the selection is told as deleted, what enters it as added. */
  #eventType({ type, object, before }: StoredChange): EventType | undefined {
    const was = before !== undefined && this.#admits(before);
    const is = type !== "DELETED" && this.#admits(object);
    if (was && is) return "MODIFIED";
    return is ? "ADDED" : was ? "DELETED" : undefined;
  }
}

/** All open watches of the server. */
export class Watches {
  readonly #storage: Storage;
  #watches: Watch[] = [];

  constructor(storage: Storage) {
    this.#storage = storage;
    storage.follow((change) => {
      for (const watch of this.#watches) watch.note(change);
    });
  }

  /** Opens a watch and queues what has happened since its version. @throws {ApiRefusal} 410 if that is too old */
  open(route: Route, stream: ByteStream, carrier: Carrier): Watch {
    const missed = this.#storage.since(Number(route.query.get("resourceVersion") ?? 0));
    if (missed === undefined) throw expired();
    const watch = new Watch(route, stream, carrier);
    this.#watches = this.#watches.filter((each) => each.open);
    this.#watches.push(watch);
    for (const change of missed) watch.note(change);
    return watch;
  }
}

const lines = new WeakMap<StoredChange, Map<EventType, Uint8Array>>();

function lineOf(change: StoredChange, type: EventType): Uint8Array {
  let known = lines.get(change);
  if (known === undefined) {
    known = new Map();
    lines.set(change, known);
  }
  let line = known.get(type);
  if (line === undefined) {
    line = Buffer.from(`{"type":"${type}","object":${jsonOf(change.object)}}\n`);
    known.set(type, line);
  }
  return line;
}

function bytesOf(event: object): Uint8Array {
  return Buffer.from(`${JSON.stringify(event)}\n`);
}
