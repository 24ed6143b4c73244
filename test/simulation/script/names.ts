/** Where everything in a run happens. */
export const namespaces = ["blue", "green", "red"] as const;

/** So many Services a namespace at most, so that names are used again soon. */
export const serviceNames = ["api", "db", "mail", "shop", "web"] as const;

/** The names that pools may have. */
export const poolNames = ["alpha", "beta", "gamma"] as const;

/** The nodes of the cluster, each with an agent. */
export const nodeNames = ["node1", "node2", "node3"] as const;
