import type { ApiClient } from "../../kube/api-client.ts";
import { isAlreadyExists, isConflict, isNotFound } from "../../kube/api-error.ts";
import { type KubeObject, type Live, objectKey, type Ref, type Resource } from "../../kube/resource.ts";
import type { Store } from "../../kube/store.ts";
import type { JobResult } from "../../runtime/loop.ts";
import type { Seen } from "../ports.ts";

type StatusWrite = { readonly metadata: Seen; readonly status: object };

/** Writes of one kind. What is written goes into the store before it is reported done; so does what is there instead. */
export function writer<T, Raw extends KubeObject>(client: ApiClient, resource: Resource<Raw>, store: Store<T, Raw>) {
  const read = async (ref: Ref): Promise<T | undefined> => {
    const key = objectKey(ref);
    // What is told gone is what was known when it was asked for: another one of this name may come while the answer is on its way.
    const before = store.identity(key);
    try {
      // No retries: the loop plans again, and a stop must not wait for a server that is silent.
      store.observe(await client.get(resource, ref, { retries: 0 }));
    } catch (error) {
      if (!isNotFound(error)) throw error;
      if (before !== undefined) store.forget(key, before.uid);
    }
    return store.get(key);
  };
  const guarded = async (ref: Ref, expected: (error: unknown) => boolean, write: () => Promise<unknown>) => {
    try {
      await write();
      return "done" as const;
    } catch (error) {
      if (!expected(error)) throw error;
      await read(ref);
      return "stale" as const;
    }
  };
  const moved = (error: unknown): boolean => isConflict(error) || isNotFound(error);
  const observed = (ref: Ref, write: () => Promise<Live<Raw>>): Promise<JobResult> =>
    guarded(ref, moved, async () => store.observe(await write()));
  const named = ({ metadata: { name = "", namespace } = {} }: KubeObject): Ref =>
    namespace === undefined ? { name } : { name, namespace };
  return {
    read,
    patch: observed,
    create: (object: Raw): Promise<JobResult> =>
      guarded(named(object), isAlreadyExists, async () => store.observe(await client.create(resource, object))),
    replace: (object: Raw): Promise<JobResult> => observed(named(object), () => client.replace(resource, object)),
    replaceStatus: (object: StatusWrite): Promise<JobResult> =>
      observed(named(object), () => client.replace(resource, object as unknown as Raw, { subresource: "status" })),
    delete: ({ name, uid, resourceVersion }: Seen, namespace?: string): Promise<JobResult> => {
      const ref: Ref = { name, namespace };
      return guarded(ref, moved, async () => {
        const held = await client.delete(resource, ref, { uid, resourceVersion });
        if (held === undefined) store.forget(objectKey(ref), uid);
        else store.observe(held);
      });
    },
  };
}
