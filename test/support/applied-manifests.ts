import assert from "node:assert/strict";
import type { ControlPlane } from "../lab/control-plane.ts";
import { objectsOf, type ServiceObject } from "./controller-objects.ts";
import type { ServiceWrites } from "./service-writes.ts";

/** How manifests are applied, as flags of `kubectl apply`. */
export type Style = { readonly name: string; readonly flags: readonly string[] };

const serverSideFlags = ["--server-side", "--field-manager=gitops"];

/** What `kubectl apply`, Helm 3 and Argo CD do by default. */
export const clientSide: Style = { name: "client-side", flags: [] };

/** What Helm 4 does by default. */
export const serverSide: Style = { name: "server-side", flags: serverSideFlags };

/** What Flux does by default. */
export const forced: Style = { name: "server-side by force", flags: [...serverSideFlags, "--force-conflicts"] };

/** All of them. */
export const styles: readonly Style[] = [clientSide, serverSide, forced];

/** What a Service's manifest says besides its name; in place of parts of the spec: one port and a selector. */
export type Manifest = {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: object;
};

/** Somebody who applies manifests of Services in namespace `default`, in one style. */
export type Applier = ReturnType<typeof applierOf>;

/** Calls kubectl as an administrator does; `writes` counts who wrote how often. */
export function applierOf(plane: ControlPlane, style: Style, writes: ServiceWrites) {
  const apply = async (name: string, manifest: Manifest): Promise<ServiceObject> => {
    const args = ["apply", ...style.flags, "-o", "json", "-f", "-"];
    return JSON.parse(await plane.kubectl(args, { stdin: manifestText(name, manifest) })) as ServiceObject;
  };
  return {
    /** The Service as it is once the manifest is applied. @throws {Error} with what kubectl said */
    apply,
    /** Applies, waits until Herald has done what it does about it, and gives how often it wrote the Service for that. */
    reactions: (name: string, manifest: Manifest): Promise<number> =>
      reactions(writes, name, () => apply(name, manifest)),
    /** Fails unless the manifest, applied again, is a no-op, and `kubectl diff` finds nothing. */
    assertNoDrift: async (name: string, manifest: Manifest): Promise<void> => {
      const before = await objectsOf(plane).service(name);
      const again = await apply(name, manifest);
      assert.equal(again.metadata.resourceVersion, before.metadata.resourceVersion, "applying it again is a no-op");
      await plane.kubectl(["diff", ...style.flags, "-f", "-"], { stdin: manifestText(name, manifest) });
    },
  };
}

/** How often Herald writes a Service because of what somebody else writes. */
export async function reactions(
  writes: ServiceWrites,
  name: string,
  write: () => Promise<ServiceObject>,
): Promise<number> {
  const before = writes.versions(name).length;
  const { metadata } = await write();
  await writes.reacted();
  const since = writes.versions(name).slice(before);
  return since.filter((version) => version !== metadata.resourceVersion).length;
}

function manifestText(name: string, { spec = {}, ...metadata }: Manifest): string {
  const base = { type: "LoadBalancer", selector: { app: "web" }, ports: [{ name: "http", port: 80, protocol: "TCP" }] };
  const meta = { name, namespace: "default", ...metadata };
  return JSON.stringify({ apiVersion: "v1", kind: "Service", metadata: meta, spec: { ...base, ...spec } });
}
