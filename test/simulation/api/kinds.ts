/** A kind that the modelled API server serves. */
export type Kind = {
  readonly plural: string;
  readonly kind: string;
  /** `/api/v1`, or `/apis/<group>/<version>`. */
  readonly root: string;
  readonly namespaced: boolean;
  /** Whether its status is written by calls of its own only. */
  readonly hasStatus: boolean;
  /** Whether `metadata.generation` counts the changes of its spec. */
  readonly counted: boolean;
};

const herald = { root: "/apis/herald.dev/v1beta1", namespaced: false, hasStatus: true, counted: true };

/** Every kind that it serves. */
export const kinds: readonly Kind[] = [
  { plural: "services", kind: "Service", root: "/api/v1", namespaced: true, hasStatus: true, counted: false },
  { plural: "nodes", kind: "Node", root: "/api/v1", namespaced: false, hasStatus: true, counted: false },
  { plural: "namespaces", kind: "Namespace", root: "/api/v1", namespaced: false, hasStatus: true, counted: false },
  { plural: "events", kind: "Event", root: "/api/v1", namespaced: true, hasStatus: false, counted: false },
  {
    plural: "endpointslices",
    kind: "EndpointSlice",
    root: "/apis/discovery.k8s.io/v1",
    namespaced: true,
    hasStatus: false,
    counted: true,
  },
  {
    plural: "leases",
    kind: "Lease",
    root: "/apis/coordination.k8s.io/v1",
    namespaced: true,
    hasStatus: false,
    counted: false,
  },
  {
    plural: "servicecidrs",
    kind: "ServiceCIDR",
    root: "/apis/networking.k8s.io/v1",
    namespaced: false,
    hasStatus: true,
    counted: false,
  },
  { plural: "ippools", kind: "IPPool", ...herald },
  { plural: "vipadvertisements", kind: "VIPAdvertisement", ...herald },
  { plural: "bgppeers", kind: "BGPPeer", ...herald },
  { plural: "vipgroups", kind: "VIPGroup", ...herald, hasStatus: false },
  { plural: "vipnodes", kind: "VIPNode", ...herald },
];

/** The `apiVersion` of a kind's objects. */
export function apiVersionOf({ root }: Kind): string {
  return root.replace(/^\/apis?\//, "");
}

/** What a path means. */
export type Route = {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  /** Absent: the collection. */
  readonly name: string | undefined;
  readonly status: boolean;
  readonly query: URLSearchParams;
};

const patterns = kinds.map((kind) => {
  const scope = kind.namespaced ? "(?:/namespaces/([^/]+))?" : "()";
  return { kind, pattern: new RegExp(`^${kind.root}${scope}/${kind.plural}(?:/([^/]+))?(/status)?$`) };
});

const routes = new Map<string, Omit<Route, "query"> | undefined>();
const noQuery = new URLSearchParams();

/** The route of a path with its query; undefined: nothing is served there. */
export function routeOf(path: string): Route | undefined {
  const [bare = "", query] = path.split("?");
  if (!routes.has(bare)) routes.set(bare, parsedRoute(bare));
  const route = routes.get(bare);
  return route && { ...route, query: query === undefined ? noQuery : new URLSearchParams(query) };
}

function parsedRoute(path: string): Omit<Route, "query"> | undefined {
  for (const { kind, pattern } of patterns) {
    const match = pattern.exec(path);
    if (match === null) continue;
    const [, namespace, name, status] = match;
    return { kind, namespace: namespace || undefined, name, status: status !== undefined };
  }
  return undefined;
}

/** The path of a collection, or of one of its objects. */
export function pathOf(plural: string, key?: string, status = false): string {
  const kind = kinds.find((each) => each.plural === plural);
  if (kind === undefined) throw new Error(`no kind is called ${plural}`);
  if (key === undefined) return `${kind.root}/${plural}`;
  const [first = "", second] = key.split("/");
  const object = second === undefined ? `${plural}/${first}` : `namespaces/${first}/${plural}/${second}`;
  return `${kind.root}/${object}${status ? "/status" : ""}`;
}
