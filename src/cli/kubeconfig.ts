import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";

/** The kubeconfig to use: a file as it is (undefined: none, as in a Pod), or one that was put together, and from what. */
export type ChosenKubeconfig =
  | { readonly file: string | undefined }
  | { readonly document: Kubeconfig; readonly name: string };

type Named = { readonly name?: string };

/** A kubeconfig as far as it is put together here. */
export type Kubeconfig = {
  readonly clusters?: readonly (Named & { readonly cluster?: object })[];
  readonly users?: readonly (Named & { readonly user?: object })[];
  readonly contexts?: readonly Named[];
  readonly "current-context"?: string;
};

/**
 * The kubeconfig that kubectl would use: the option's file, else all of $KUBECONFIG together, the first that names a thing
 * winning, else ~/.kube/config; undefined in a Pod without any of them.
 * @throws {Error} if a file cannot be read
 */
export async function chosenKubeconfig(
  option: string | undefined,
  context: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ChosenKubeconfig> {
  const named = option === undefined ? (environment.KUBECONFIG ?? "").split(delimiter).filter(Boolean) : [option];
  if (named.length <= 1 && context === undefined) return { file: named[0] };
  const paths = named.length > 0 ? named : [join(homedir(), ".kube", "config")];
  const documents = await Promise.all(paths.map((path) => read(path, paths.length > 1)));
  const merged = merge(documents, context);
  return { document: merged, name: paths.join(delimiter) };
}

async function read(path: string, mayBeAbsent: boolean): Promise<Kubeconfig> {
  const { readKubeconfig } = await import("../kube/kubeconfig.ts");
  try {
    return absolute((await readKubeconfig(path)) as Kubeconfig, dirname(resolve(path)));
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (mayBeAbsent && code === "ENOENT") return {};
    throw error;
  }
}

/** The fields of a cluster or user that name a file, relative to the kubeconfig they stand in. */
const fileFields = new Set(["certificate-authority", "client-certificate", "client-key", "tokenFile"]);

function absolute(config: Kubeconfig, folder: string): Kubeconfig {
  const files = (entry: object): object =>
    Object.fromEntries(
      Object.entries(entry).map(([key, value]) =>
        fileFields.has(key) && typeof value === "string" && value !== "" && !isAbsolute(value)
          ? [key, join(folder, value)]
          : [key, value],
      ),
    );
  const { clusters = [], users = [] } = config;
  return {
    ...config,
    clusters: clusters.map((each) => ({ ...each, cluster: files(each.cluster ?? {}) })),
    users: users.map((each) => ({ ...each, user: files(each.user ?? {}) })),
  };
}

function merge(configs: readonly Kubeconfig[], context: string | undefined): Kubeconfig {
  const first = <Entry extends Named>(lists: readonly (readonly Entry[] | undefined)[]): readonly Entry[] => [
    ...new Map(
      lists
        .flatMap((list) => list ?? [])
        .toReversed()
        .map((entry) => [entry.name, entry]),
    ).values(),
  ];
  const current = context ?? configs.map((config) => config["current-context"]).find(Boolean);
  return {
    clusters: first(configs.map(({ clusters }) => clusters)),
    users: first(configs.map(({ users }) => users)),
    contexts: first(configs.map(({ contexts }) => contexts)),
    ...(current !== undefined && { "current-context": current }),
  };
}
