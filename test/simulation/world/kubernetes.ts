import { pathOf } from "../api/kinds.ts";
import type { ApiServer } from "../api/server.ts";
import type { StoredChange } from "../api/storage.ts";
import type { Chances } from "../chances.ts";
import type { Scheduler } from "../scheduler.ts";

const account = "kubernetes";

/** What Kubernetes' own controllers do in a run: the Services of a deleted namespace go, and what a deleted object owned. */
export function runKubernetes(server: ApiServer, scheduler: Scheduler, chances: Chances): void {
  const remove = (plural: string, key: string): void => {
    scheduler.silently(chances.of(`${plural} ${key}`).between(5, 500), () => {
      server.answer({ method: "DELETE", path: pathOf(plural, key), by: account });
    });
  };
  server.storage.follow(({ type, plural, object }: StoredChange) => {
    if (type !== "DELETED") return;
    if (plural === "namespaces") for (const key of servicesOf(server, object.metadata.name)) remove("services", key);
    for (const key of ownedBy(server, object.metadata.uid)) remove("vipnodes", key);
  });
}

function servicesOf({ storage }: ApiServer, namespace: string): readonly string[] {
  return [...storage.all("services").keys()].filter((key) => key.startsWith(`${namespace}/`));
}

function ownedBy({ storage }: ApiServer, uid: string): readonly string[] {
  return [...storage.all("vipnodes")]
    .filter(([, { metadata }]) => metadata.ownerReferences?.some((owner) => owner.uid === uid))
    .map(([key]) => key);
}
