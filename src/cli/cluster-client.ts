import type { ApiClient } from "../kube/api-client.ts";
import type { Connection } from "../kube/connection.ts";
import { type Given, textGiven } from "./command.ts";
import { chosenKubeconfig } from "./kubeconfig.ts";

/** A cluster that is open: its API, and the way to it. */
export type OpenCluster = { readonly client: ApiClient; readonly connection: Connection };

/** A list of one of Herald's resources, in the words of the API server that does not have it. */
const namesOwn = /^list (?:ippools|bgppeers|vip[a-z]+)\b/;

const notInstalled = "the cluster has no Herald resources: kubectl apply -f crds/";

/**
 * Opens the cluster that the options name, lets `use` work with it, and closes it.
 * @throws {Error} if the kubeconfig cannot be used, and whatever `use` throws
 */
export async function withClient<Result>(
  given: Given,
  use: (cluster: OpenCluster) => Promise<Result>,
): Promise<Result> {
  // Not before a cluster is asked: the client costs 60 ms, and help and completion do without.
  const [{ ApiClient }, { isNotFound }, { connectTo, openConnection }, { documentCredentials }] = await Promise.all([
    import("../kube/api-client.ts"),
    import("../kube/api-error.ts"),
    import("../kube/connection.ts"),
    import("../kube/kubeconfig.ts"),
  ]);
  const chosen = await chosenKubeconfig(textGiven(given, "kubeconfig"), textGiven(given, "context"));
  const options = { userAgent: "herald-cli" };
  const connection =
    "document" in chosen
      ? await connectTo(await documentCredentials(chosen.name, chosen.document), options)
      : await openConnection(chosen.file, options);
  try {
    return await use({ client: new ApiClient(connection), connection });
  } catch (error) {
    if (isNotFound(error) && namesOwn.test((error as Error).message)) throw new Error(notInstalled);
    throw error;
  } finally {
    await connection.close();
  }
}
