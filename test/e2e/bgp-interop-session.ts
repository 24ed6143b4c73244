/** What both ends of a cell of the interop matrix are told, and what the router must see of it. */
import { type Cell, cellName, type RouterName, routers, transports, variantOf } from "./bgp-interop-cells.ts";
import { bfdTimes, heraldAsn, type Neighbour, routerAsn, type SeenRoute, type SeenRoutes } from "./bgp-router.ts";

/** What Herald is told. */
export type PeerCommand = { readonly kind: "bgpPeer"; readonly name: string } & Readonly<Record<string, unknown>>;

const number = (router: RouterName): number => Object.keys(routers).indexOf(router) + 2;

/** A router's address on the bridge, and the one that only a hop in between leads to. */
export const routerAddress = (router: RouterName, family: 4 | 6): string =>
  family === 4 ? `10.9.0.${number(router)}` : `fd09::${number(router)}`;
export const farAddress = (router: RouterName, family: 4 | 6): string =>
  family === 4 ? `10.10.0.${number(router)}` : `fd10::${number(router)}`;

/** Herald has an address for each session of a router, which is how the router tells them apart. */
export const heraldAddress = ({ index }: Pick<Cell, "index">, family: 4 | 6): string =>
  family === 4 ? `10.9.0.${100 + index}` : `fd09::${100 + index}`;

/** The interfaces of an unnumbered cell, at Herald's end and at the router's. */
export const cableOf = ({ router, index }: Cell): { readonly herald: string; readonly router: string } => ({
  herald: `h${router}${index}`,
  router: `r${router}${index}`,
});

/** Herald's address on the cable of an unnumbered cell. */
export const heraldLinkLocal = ({ index }: Pick<Cell, "index">): string => `fe80::${100 + index}`;

const overOf = ({ transport }: Cell): 4 | 6 | "interface" => transports[transport].over;
const isFar = ({ variant }: Cell): boolean => variant.startsWith("multihop");

/** What the router is told. */
export function neighbourOf(cell: Cell): Neighbour {
  const over = overOf(cell);
  const { neighbour } = variantOf(cell);
  const cable = { interface: cableOf(cell).router, linkLocal: heraldLinkLocal(cell) };
  const at = over === "interface" ? cable : addressesOf(cell, over);
  // A router that says nothing of what it can do takes IPv4 alone; IPv6 alone needs words.
  const mute = cell.variant === "capability" && over === 4 && cell.router !== "gobgp";
  const families = transports[cell.transport].families;
  return { name: cellName(cell), at, families, ...(mute && { withoutCapabilities: true }), ...neighbour };
}

function addressesOf(cell: Cell, over: 4 | 6): { readonly address: string; readonly local: string } {
  return { address: heraldAddress(cell, over), local: (isFar(cell) ? farAddress : routerAddress)(cell.router, over) };
}

/** What Herald is told. */
export function peerOf(cell: Cell): PeerCommand {
  const over = overOf(cell);
  const { settings, transport, bfd } = variantOf(cell);
  const families = transports[cell.transport].families;
  const required = cell.variant === "required" ? [notOffered[cell.router]] : [];
  const to = over === "interface" ? { interface: cableOf(cell).herald } : addressed(addressesOf(cell, over));
  return {
    kind: "bgpPeer",
    name: cellName(cell),
    settings: { ...plainSettings, families, required, ...settings },
    transport: { ...to, port: 179, ...transport },
    ...(bfd !== undefined && { bfd: { ...bfdTimes, ...bfd } }),
  };
}

const addressed = ({ address, local }: { address: string; local: string }): object => ({
  peer: local,
  source: address,
});

const plainSettings = {
  localAsn: heraldAsn,
  peerAsn: routerAsn,
  routerId: "10.9.0.1",
  holdTimeSeconds: 12,
  keepaliveSeconds: 4,
  connectRetrySeconds: 1,
  passive: false,
};

/** What a router does not say that it can, on a session over addresses. */
export const notOffered = { bird: "extendedNextHop", frr: "extendedNextHop", gobgp: "extendedMessage" } as const;

type Attributes = {
  readonly prepend: number;
  readonly communities: readonly number[];
  readonly largeCommunities: readonly (readonly [number, number, number])[];
  readonly med?: number;
  readonly localPref?: number;
};

const plain: Attributes = { prepend: 0, communities: [], largeCommunities: [] };
const rich: Attributes = {
  prepend: 2,
  communities: [64_500 * 65_536 + 7, 65_000 * 65_536 + 100],
  largeCommunities: [
    [64_500, 1, 2],
    [4_200_000_000, 3, 4],
  ],
  med: 50,
  localPref: 200,
};

/** Of each family a cell has one route that carries all attributes there are, and one that carries none; `more` is another such. */
export type Kind = "rich" | "plain" | "more";

const kinds: Readonly<Record<Kind, Attributes>> = { rich, plain, more: plain };

function prefixOf({ index }: Cell, family: 4 | 6, kind: Kind): string {
  const place = Object.keys(kinds).indexOf(kind);
  return family === 4 ? `198.51.${100 + place}.${index}/32` : `2001:db8:${place + 1}::${index}/128`;
}

/** Herald's routes of a cell: of both families where the router is to refuse one. */
export function routesOf(cell: Cell, which: readonly Kind[]): object {
  const families = cell.variant === "capability" ? ([4, 6] as const) : transports[cell.transport].families;
  const routes = which.flatMap((kind) =>
    families.map((family) => ({ prefix: asValue(prefixOf(cell, family, kind)), attributes: kinds[kind] })),
  );
  return { kind: "bgpRoutes", name: cellName(cell), routes };
}

/** Every prefix that a router may ever see of a cell. */
export function allPrefixesOf(cell: Cell): readonly string[] {
  return ([4, 6] as const).flatMap((family) =>
    (["rich", "plain", "more"] as const).map((kind) => prefixOf(cell, family, kind)),
  );
}

function asValue(prefix: string): object {
  const [address = "", length] = prefix.split("/");
  return { address, length: Number(length) };
}

/** The routes exactly as the router must have them. */
export function expectedRoutes(cell: Cell, which: readonly Kind[]): SeenRoutes {
  const all = which.flatMap((kind) =>
    transports[cell.transport].families.map((family) => [
      prefixOf(cell, family, kind),
      expectedRoute(cell, family, kind),
    ]),
  );
  return Object.fromEntries(all);
}

function expectedRoute(cell: Cell, family: 4 | 6, kind: Kind): SeenRoute {
  const { prepend, communities, largeCommunities, med, localPref } = kinds[kind];
  const internal = cell.variant === "ibgp";
  return {
    origin: "IGP",
    asPath: internal ? [] : Array.from({ length: prepend + 1 }, () => heraldAsn),
    nextHop: nextHopOf(cell, family),
    ...(med !== undefined && { med }),
    localPref: internal ? (localPref ?? 100) : 100,
    communities: communities.map((each) => `${Math.floor(each / 65_536)}:${each % 65_536}`),
    largeCommunities: largeCommunities.map((each) => each.join(":")),
  };
}

/** The session's own address for its own family, and for both of an unnumbered one; else Herald's address in the subnet. */
function nextHopOf(cell: Cell, family: 4 | 6): string {
  if (cell.transport === "unnumbered") return heraldLinkLocal(cell);
  if (family === overOf(cell)) return heraldAddress(cell, family);
  return family === 4 ? "10.9.0.1" : "fd09::1";
}
