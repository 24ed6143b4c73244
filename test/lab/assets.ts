import { existsSync } from "node:fs";
import { join } from "node:path";
import { builtPrograms, type ProgramName, programNames, type Report } from "./build.ts";

/** Gives the file of one program; the first that is not prebuilt causes the build of all. */
export type Assets = (name: ProgramName) => Promise<string>;

/**
 * Where the control plane's programs are: in `$KUBEBUILDER_ASSETS` when that folder holds etcd and kube-apiserver (and
 * whatever else of ours it holds), else built from source and cached.
 */
export function findAssets(report: Report): Assets {
  const prebuilt = prebuiltFolder();
  let built: Promise<string> | undefined;
  return async (name) => {
    if (prebuilt !== undefined && existsSync(join(prebuilt, name))) return join(prebuilt, name);
    built ??= builtPrograms(report);
    return join(await built, name);
  };
}

/** Sees to it that every program is there. */
export async function findPrograms(report: Report): Promise<void> {
  const assets = findAssets(report);
  for (const name of programNames) await assets(name);
}

function prebuiltFolder(): string | undefined {
  const folder = process.env.KUBEBUILDER_ASSETS;
  if (folder === undefined || folder === "") return undefined;
  return ["etcd", "kube-apiserver"].every((name) => existsSync(join(folder, name))) ? folder : undefined;
}
