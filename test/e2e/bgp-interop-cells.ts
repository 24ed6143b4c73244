/** The interop matrix: routers, ways to speak with them, what is used on the way; and the cells that cannot be, with the reason. */
import type { Neighbour } from "./bgp-router.ts";

/** The routers, by the names of their hosts, which are also the order of the hosts' addresses. */
export const routers = { bird: "BIRD 2", frr: "FRR", gobgp: "GoBGP" } as const;

/** The name of a router's host. */
export type RouterName = keyof typeof routers;

/** What a session runs over, and which routes it carries. */
export const transports = {
  ipv4: { words: "IPv4", over: 4, families: [4] },
  ipv6: { words: "IPv6", over: 6, families: [6] },
  both: { words: "IPv4 and IPv6 on one session", over: 4, families: [4, 6] },
  unnumbered: { words: "unnumbered", over: "interface", families: [4, 6] },
} as const;

/** One of them. */
export type TransportName = keyof typeof transports;

/** What both ends use besides, as Herald's command and the router's neighbour say it. */
export type Variant = {
  readonly words: string;
  /** In Herald's `settings`. */
  readonly settings?: object;
  /** In Herald's `transport`. */
  readonly transport?: object;
  /** What Herald's `bfd` says of the number of hops; absent: no BFD. */
  readonly bfd?: { readonly multihop: boolean };
  readonly neighbour?: Partial<Neighbour>;
};

const gracefulRestart = { restartTimeSeconds: 120 };

/** What is used in the cells of the matrix. */
export const variants = {
  ebgp: { words: "eBGP" },
  ibgp: { words: "iBGP", settings: { localAsn: 64_501 }, neighbour: { asn: 64_501 } },
  md5: { words: "MD5", transport: { password: "s3cret" }, neighbour: { password: "s3cret" } },
  gtsm: { words: "GTSM", transport: { ttlSecurity: 1 }, neighbour: { ttlSecurity: true } },
  multihop: { words: "multihop", transport: { hops: 2 }, neighbour: { multihop: true } },
  restart: { words: "graceful restart", settings: { gracefulRestart }, neighbour: { gracefulRestart: true } },
  bfd: { words: "BFD", bfd: { multihop: false }, neighbour: { bfd: true } },
  restartBfd: {
    words: "graceful restart with BFD",
    settings: { gracefulRestart },
    bfd: { multihop: false },
    neighbour: { gracefulRestart: true, bfd: true },
  },
  multihopBfd: {
    words: "multihop with BFD",
    transport: { hops: 2 },
    bfd: { multihop: true },
    neighbour: { multihop: true, bfd: true },
  },
} as const satisfies Record<string, Variant>;

/** What goes wrong in the other tests. */
export const refusals = {
  password: { words: "wrong password", transport: { password: "wrong" }, neighbour: { password: "right" } },
  asn: { words: "wrong AS number", neighbour: { asn: 64_999 } },
  limit: { words: "prefix limit", neighbour: { prefixLimit: 1 } },
  capability: { words: "refused capability", settings: { families: [4, 6] } },
  required: { words: "required capability" },
} as const satisfies Record<string, Variant>;

/** A variant of either kind. */
export type VariantName = keyof typeof variants | keyof typeof refusals;

/** One session: a router, a way to it, what is used. `index` is unlike for the sessions of one router. */
export type Cell = {
  readonly router: RouterName;
  readonly transport: TransportName;
  readonly variant: VariantName;
  readonly index: number;
};

const refusalTransports = ["ipv4", "ipv6"] as const;
const keysOf = <T extends object>(table: T): readonly (keyof T)[] => Object.keys(table) as (keyof T)[];

/** All cells, also those that cannot be. */
export const cells: readonly Cell[] = keysOf(routers).flatMap((router) => {
  const matrix = keysOf(transports).flatMap((transport) =>
    keysOf(variants).map((variant) => ({ router, transport, variant })),
  );
  const refused = refusalTransports.flatMap((transport) =>
    keysOf(refusals).map((variant) => ({ router, transport, variant })),
  );
  return [...matrix, ...refused].map((cell, index) => ({ ...cell, index: index + 1 }));
});

type Row = readonly [is: (cell: Omit<Cell, "index">) => boolean, why: string];

const impossible: readonly Row[] = [
  [
    ({ transport, variant }) => transport === "unnumbered" && variant.startsWith("multihop"),
    "who is found on an interface is one hop away",
  ],
  [
    ({ router, transport }) => router === "gobgp" && transport === "unnumbered",
    "GoBGP sends no router advertisements, by which its address could be learnt",
  ],
  [
    ({ router, variant }) => router === "gobgp" && variant.toLowerCase().includes("bfd"),
    "GoBGP has no BFD before 4.6; Debian 12 has 3.10",
  ],
];

/** Why a cell cannot be, or undefined. */
export function impossibility(cell: Omit<Cell, "index">): string | undefined {
  return impossible.find(([is]) => is(cell))?.[1];
}

/** In words. */
export function cellWords({ router, transport, variant }: Omit<Cell, "index">): string {
  return `${routers[router]}, ${transports[transport].words}, ${variantOf({ variant }).words}`;
}

/** What is used in a cell. */
export function variantOf({ variant }: Pick<Cell, "variant">): Variant {
  return { ...variants, ...refusals }[variant];
}

/** Whether it is a cell of the matrix, and not one of those in which something goes wrong. */
export function isOfMatrix({ variant }: Pick<Cell, "variant">): boolean {
  return variant in variants;
}

/** A name of letters and underscores, for sessions and neighbours. */
export function cellName({ router, transport, variant }: Omit<Cell, "index">): string {
  return `${router}_${transport}_${variant}`;
}
