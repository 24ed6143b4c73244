import { isDeepStrictEqual } from "node:util";
import { apiVersionOf, type Kind, type Route, routeOf } from "./kinds.ts";
import { mergePatched, strategicPatched } from "./merge.ts";
import { type ApiObject, jsonOf, keyOf, type Metadata } from "./object.ts";
import { Pages } from "./pages.ts";
import { ApiRefusal, alreadyExists, conflict, invalid, notFound } from "./refusal.ts";
import { rules } from "./rules.ts";
import { selectorOf } from "./selector.ts";
import { Storage } from "./storage.ts";

/** A request of anybody; `by` is the account. */
export type Request = {
  readonly method: string;
  readonly path: string;
  readonly contentType?: string | undefined;
  readonly body?: string | undefined;
  readonly by: string;
};

/** The answer: HTTP status and JSON text. */
export type Answer = { readonly status: number; readonly text: string };

/** A read of one object that was answered. */
export type Reading = { readonly by: string; readonly plural: string; readonly key: string };

/** What a body may say of the object that it is meant for. */
type Guard = { readonly uid?: string; readonly resourceVersion?: string };

type Given = Partial<ApiObject> & { readonly metadata?: Partial<Metadata>; readonly preconditions?: Guard };

/**
 * The API server, as far as Herald and its users call it: every exchange is one step that commits whole. Watches are in
 * watches.ts, time and failures in network.ts.
 */
export class ApiServer {
  readonly storage = new Storage();
  /** Told of each read of one object, whether there is one or not. */
  onRead: (reading: Reading) => void = () => {};
  readonly #pages = new Pages();
  readonly #wallMs: () => number;
  #objects = 0;

  constructor(wallMs: () => number) {
    this.#wallMs = wallMs;
  }

  /** Carries a request out and answers it. */
  answer(request: Request): Answer {
    const route = routeOf(request.path);
    try {
      if (route === undefined)
        throw new ApiRefusal(404, "NotFound", "the server could not find the requested resource");
      return this.#served(request, route);
    } catch (error) {
      if (!(error instanceof ApiRefusal)) throw error;
      return { status: error.code, text: JSON.stringify(error.body()) };
    }
  }

  /** Forgets the history: watches and continue tokens from before are expired. */
  compact(): void {
    this.storage.compact();
    this.#pages.clear();
  }

  #served(request: Request, route: Route): Answer {
    switch (request.method) {
      case "GET":
        return { status: 200, text: route.name === undefined ? this.#list(route) : this.#get(route, request.by) };
      case "POST":
        return { status: 201, text: jsonOf(this.#create(route, bodyOf(request), request.by)) };
      case "PUT":
        return { status: 200, text: jsonOf(this.#replace(route, bodyOf(request), request.by)) };
      case "PATCH":
        return { status: 200, text: jsonOf(this.#patch(route, request)) };
      case "DELETE":
        return { status: 200, text: jsonOf(this.#delete(route, bodyOf(request), request.by)) };
      default:
        throw new ApiRefusal(405, "MethodNotAllowed", `${request.method} is not supported`);
    }
  }

  #get(route: Route, by: string): string {
    const { kind, namespace, name = "" } = route;
    this.onRead({ by, plural: kind.plural, key: keyOf({ namespace, name }) });
    return jsonOf(this.#read(route));
  }

  #read({ kind, namespace, name = "" }: Route): ApiObject {
    const key = keyOf({ namespace, name });
    const found = this.storage.get(kind.plural, key);
    if (found === undefined) throw notFound(kind.plural, key);
    return found;
  }

  #list({ kind, namespace, query }: Route): string {
    const admits = selectorOf({ namespace, query });
    const all = (): readonly ApiObject[] =>
      [...this.storage.all(kind.plural)]
        .filter(([, each]) => admits(each))
        .sort(byKey)
        .map(([, each]) => each);
    const page = this.#pages.page(query, all, this.storage.version);
    const metadata = { resourceVersion: String(page.version), ...(page.next && { continue: page.next }) };
    const head = `{"kind":"${kind.kind}List","apiVersion":"${apiVersionOf(kind)}","metadata":${JSON.stringify(metadata)}`;
    return `${head},"items":[${page.items.map(jsonOf).join()}]}`;
  }

  #create({ kind, namespace }: Route, given: Given, by: string): ApiObject {
    const { name = "" } = given.metadata ?? {};
    const key = keyOf({ namespace, name });
    if (this.storage.get(kind.plural, key) !== undefined) throw alreadyExists(kind.plural, key);
    const { status, ...rest } = given;
    const metadata = {
      ...given.metadata,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid: this.#uid(),
      resourceVersion: "",
      ...(kind.counted ? { generation: 1 } : {}),
      creationTimestamp: this.#timestamp(),
    };
    const after = { ...typed(kind), ...rest, ...(kind.hasStatus ? {} : { status }), metadata } as ApiObject;
    return this.#store(kind, prepared(kind, after, undefined), undefined, by);
  }

  #replace(route: Route, given: Given, by: string): ApiObject {
    const before = this.#read(route);
    guard(route, before, given.metadata);
    return this.#update(route, before, given, by);
  }

  #patch(route: Route, request: Request): ApiObject {
    const before = this.#read(route);
    const patch = bodyOf(request);
    const strategic = request.contentType === "application/strategic-merge-patch+json";
    if (strategic && route.kind.root.includes("herald.dev"))
      throw new ApiRefusal(415, "UnsupportedMediaType", "strategic merge patch is for built-in kinds only");
    const { uid, resourceVersion } = patch.metadata ?? {};
    if (resourceVersion !== undefined) guard(route, before, { resourceVersion });
    if (uid !== undefined && uid !== before.metadata.uid) throw invalid("metadata.uid: field is immutable");
    const after = strategic ? strategicPatched(before, patch) : mergePatched(before, patch);
    return this.#update(route, before, after as Given, request.by);
  }

  #update({ kind, status }: Route, before: ApiObject, given: Given, by: string): ApiObject {
    const metadata = status ? before.metadata : keptMetadata(before.metadata, given.metadata ?? {});
    const whole = status
      ? { ...before, status: given.status }
      : { ...typed(kind), ...given, ...(kind.hasStatus ? { status: before.status } : {}), metadata };
    const after = prepared(kind, whole as ApiObject, before);
    const counts = kind.counted && !isDeepStrictEqual(after.spec, before.spec);
    const { generation = 1 } = before.metadata;
    return this.#store(kind, counts ? withGeneration(after, generation + 1) : after, before, by);
  }

  #delete(route: Route, options: Given, by: string): ApiObject {
    const before = this.#read(route);
    const { kind } = route;
    guard(route, before, options.preconditions);
    const refusal = rules[kind.plural]?.refusal?.({ before, after: undefined, by, storage: this.storage });
    if (refusal !== undefined) throw refusal;
    const { metadata } = before;
    if ((metadata.finalizers ?? []).length > 0) {
      if (metadata.deletionTimestamp !== undefined) return before;
      const deletionTimestamp = this.#timestamp();
      return this.storage.put(kind.plural, { ...before, metadata: { ...metadata, deletionTimestamp } }, by);
    }
    this.storage.remove(kind.plural, keyOf(metadata), by);
    const details = { name: metadata.name, kind: kind.plural, uid: metadata.uid };
    return { kind: "Status", apiVersion: "v1", status: "Success", details } as unknown as ApiObject;
  }

  /** An object that is as it was is not written; one that is being deleted and has no finalizer left goes. */
  #store(kind: Kind, after: ApiObject, before: ApiObject | undefined, by: string): ApiObject {
    const refusal = rules[kind.plural]?.refusal?.({ before, after, by, storage: this.storage });
    if (refusal !== undefined) throw refusal;
    if (before !== undefined && isDeepStrictEqual(after, before)) return before;
    const { deletionTimestamp, finalizers = [] } = after.metadata;
    if (deletionTimestamp === undefined || finalizers.length > 0) return this.storage.put(kind.plural, after, by);
    this.storage.remove(kind.plural, keyOf(after.metadata), by);
    return after;
  }

  #uid(): string {
    this.#objects += 1;
    return `00000000-0000-4000-8000-${this.#objects.toString(16).padStart(12, "0")}`;
  }

  #timestamp(): string {
    return new Date(this.#wallMs()).toISOString().replace(/\.\d+/, "");
  }
}

function bodyOf({ body }: Request): Given {
  return body === undefined || body === "" ? {} : (JSON.parse(body) as Given);
}

function typed(kind: Kind): object {
  return { apiVersion: apiVersionOf(kind), kind: kind.kind };
}

function prepared({ plural }: Kind, after: ApiObject, before: ApiObject | undefined): ApiObject {
  return rules[plural]?.prepared?.(after, before) ?? after;
}

function guard({ kind }: Route, { metadata }: ApiObject, { uid, resourceVersion }: Guard = {}): void {
  const differs =
    (uid !== undefined && uid !== metadata.uid) ||
    (resourceVersion !== undefined && resourceVersion !== "" && resourceVersion !== metadata.resourceVersion);
  if (differs) throw conflict(kind.plural, keyOf(metadata));
}

/** What a writer may not change stays as it was. */
function keptMetadata(before: Metadata, given: Partial<Metadata>): Metadata {
  const { uid, name, namespace, creationTimestamp, deletionTimestamp, generation, resourceVersion } = before;
  const fixed = { uid, name, namespace, creationTimestamp, deletionTimestamp, generation, resourceVersion };
  const merged = { ...given, ...fixed };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined)) as Metadata;
}

function withGeneration(object: ApiObject, generation: number): ApiObject {
  return { ...object, metadata: { ...object.metadata, generation } };
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
