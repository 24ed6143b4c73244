import type { HttpCall } from "../../../src/kube/connection.ts";
import type { ApiObject } from "../api/object.ts";

type Guarded = { readonly metadata?: Guard & { readonly name?: string }; readonly preconditions?: Guard };
type Guard = { readonly uid?: string; readonly resourceVersion?: string };

const planned = /\/(services|vipadvertisements|ippools)(\/|$)/;

/** What a plan is made from: nothing is written before all of it has been read. */
const planSources = ["services", "ippools", "vipadvertisements", "vipnodes", "nodes", "namespaces"];

/**
 * What one process has read and written. It writes nothing before it has read everything once, and it never sends a write that is guarded by a version from before its own last
 * write, nor creates what it has itself created: that would be planned from what it knows to be past.
 */
export class Knowledge {
  readonly #versions = new Map<string, number>();
  readonly #created = new Map<string, string>();
  readonly #unread = new Set(planSources);

  /** Says what is wrong with a request; `uidAt` is who is there now under a name. */
  fault({ method, path, body }: HttpCall, uidAt: (path: string) => string | undefined): string | undefined {
    if (method === "GET" || body === undefined || !planned.test(path)) return undefined;
    if (this.#unread.size > 0) return `${method} ${path} before ${[...this.#unread]} were read`;
    const { metadata, preconditions } = JSON.parse(body) as Guarded;
    if (method === "POST") return this.#createdBefore(`${path}/${metadata?.name}`, uidAt);
    const version = Number((preconditions ?? metadata)?.resourceVersion ?? Number.POSITIVE_INFINITY);
    const known = this.#versions.get(objectPath(path)) ?? 0;
    return version < known ? `${method} ${path} from version ${version}, after its own write of ${known}` : undefined;
  }

  #createdBefore(path: string, uidAt: (path: string) => string | undefined): string | undefined {
    const uid = this.#created.get(path);
    return uid !== undefined && uid === uidAt(path) ? `creates ${path} again` : undefined;
  }

  /** Notes a request that succeeded, once the process has been told so. */
  answered({ method, path }: HttpCall, text: string): void {
    if (method === "GET") this.#unread.delete(collectionOf(path));
    if (method === "GET" || method === "DELETE" || !planned.test(path)) return;
    const { metadata } = JSON.parse(text) as ApiObject;
    const object = method === "POST" ? `${path}/${metadata.name}` : objectPath(path);
    this.#versions.set(object, Number(metadata.resourceVersion));
    if (method === "POST") this.#created.set(object, metadata.uid);
  }
}

function objectPath(path: string): string {
  return path.replace(/\/status$/, "");
}

/** What a list's path ends with. */
function collectionOf(path: string): string {
  const [bare = ""] = path.split("?");
  return bare.slice(bare.lastIndexOf("/") + 1);
}
