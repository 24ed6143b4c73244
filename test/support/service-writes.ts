import type { KubeObject } from "../lab/api-client.ts";
import type { ControlPlane } from "../lab/control-plane.ts";
import { ingressOf, objectsOf } from "./controller-objects.ts";
import { eventually } from "./eventually.ts";

/** Every version that the Services of namespace `default` had, so that a test can count who wrote them how often. */
export type ServiceWrites = {
  /**
   * Resolves once Herald has done whatever it does about what was written before: a Service that was created later shows its
   * address, with both conditions, and that was seen here.
   */
  reacted(): Promise<void>;
  /** The resourceVersions that a Service got so far, oldest first. */
  versions(name: string): readonly string[];
  stop(): void;
};

/** Watches from now on. Each `reacted` makes a Service, so a pool must give to any Service by itself, and an agent announce. */
export function watchServiceWrites(plane: ControlPlane): ServiceWrites {
  const cluster = objectsOf(plane);
  const stop = new AbortController();
  const versions = new Map<string, string[]>();
  const note = ({ metadata: { name, resourceVersion } }: KubeObject): void => {
    const known = versions.get(name) ?? [];
    versions.set(name, known.includes(resourceVersion) ? known : [...known, resourceVersion]);
  };
  const sink = {
    onList: (items: readonly KubeObject[]) => items.forEach(note),
    onEvent: ({ object }: { readonly object: KubeObject }) => note(object),
  };
  void plane.api.follow("/api/v1/namespaces/default/services", sink, stop.signal);
  let sentinels = 0;
  return {
    reacted: async () => {
      const name = `sentinel-${++sentinels}`;
      await cluster.createService(name);
      const shown = await cluster.serviceIs(
        name,
        "is served",
        (each) => ingressOf(each).length > 0 && each.status.conditions?.length === 2,
      );
      const { resourceVersion } = shown.metadata;
      await eventually(`${name} was seen`, () => versions.get(name)?.includes(resourceVersion) || undefined);
    },
    versions: (name) => versions.get(name) ?? [],
    stop: () => stop.abort(),
  };
}
