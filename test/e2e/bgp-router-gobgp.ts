/** GoBGP as the router under test: it has no table in the kernel, so that its own best paths are watched. */
import { writeFile } from "node:fs/promises";
import { eventually } from "../support/eventually.ts";
import {
  heraldAsn,
  type Neighbour,
  type Router,
  type RouterOptions,
  routerAsn,
  type SeenRoute,
  type SeenRoutes,
  startDaemons,
  watchedLines,
} from "./bgp-router.ts";
import type { Program } from "./speaker-world.ts";

/** A GoBGP that does not run yet. */
export function gobgp({ host, folder, routerId, neighbours }: RouterOptions): Router {
  const ask = (words: string): Promise<string> => host.run(`gobgp -u 127.0.0.1 -p 50051 ${words}`);
  const programs: Program[] = [];
  let watches: readonly Program[] = [];
  return {
    start: async () => {
      await writeFile(`${folder}/gobgpd.toml`, configuration(routerId, neighbours));
      const command = `gobgpd -f ${folder}/gobgpd.toml --api-hosts=127.0.0.1:50051 --pprof-disable >${folder}/log 2>&1`;
      const daemon = await startDaemons(host, [command], async () => {
        const shown = JSON.parse(await ask("-j neighbor")) as readonly unknown[];
        return shown.length === neighbours.length;
      });
      watches = ["ipv4", "ipv6"].map((family) =>
        host.start("bgp-daemons.ts", "--watch", `gobgp -u 127.0.0.1 -p 50051 monitor global rib -a ${family}`),
      );
      programs.push(daemon, ...watches);
      await eventually("GoBGP's routes are watched", () => watches.every(({ lines }) => lines.length > 0));
    },
    kill: async () => {
      await Promise.all(programs.splice(0).map((program) => program.end()));
    },
    routes: async () => {
      const families = await Promise.all(["ipv4", "ipv6"].map((family) => ask(`-j global rib -a ${family}`)));
      return Object.assign({}, ...families.map(readRoutes));
    },
    changes: () => watches.flatMap(watchedLines),
    describe: () => ask("neighbor"),
  };
}

function configuration(routerId: string, neighbours: readonly Neighbour[]): string {
  return `[global.config]
as = ${routerAsn}
router-id = "${routerId}"
port = 179
${neighbours.map(neighbourOf).join("\n")}
`;
}

function neighbourOf(neighbour: Neighbour): string {
  const { at, families, asn = heraldAsn, password, ttlSecurity, multihop, gracefulRestart } = neighbour;
  if ("interface" in at) throw new Error(`${neighbour.name}: GoBGP is not spoken with unnumbered`);
  const parts: readonly (readonly [boolean, string])[] = [
    [multihop === true, "[neighbors.ebgp-multihop.config]\nenabled = true\nmultihop-ttl = 2"],
    [ttlSecurity === true, "[neighbors.ttl-security.config]\nenabled = true\nttl-min = 255"],
    [gracefulRestart === true, "[neighbors.graceful-restart.config]\nenabled = true\nrestart-time = 120"],
  ];
  return `[[neighbors]]
[neighbors.config]
neighbor-address = "${at.address}"
peer-as = ${asn}
${password === undefined ? "" : `auth-password = "${password}"`}
[neighbors.transport.config]
passive-mode = true
local-address = "${at.local}"
[neighbors.timers.config]
connect-retry = 1
idle-hold-time-after-reset = 1
${parts.flatMap(([is, part]) => (is ? [part] : [])).join("\n")}
${families.map((family) => familyOf(neighbour, family)).join("\n")}`;
}

function familyOf({ prefixLimit, gracefulRestart }: Neighbour, family: 4 | 6): string {
  const limit = `[neighbors.afi-safis.prefix-limit.config]\nmax-prefixes = ${prefixLimit}`;
  const graceful = "[neighbors.afi-safis.mp-graceful-restart.config]\nenabled = true";
  return `[[neighbors.afi-safis]]
[neighbors.afi-safis.config]
afi-safi-name = "ipv${family}-unicast"
${prefixLimit === undefined ? "" : limit}
${gracefulRestart === true ? graceful : ""}`;
}

type GoAttribute = {
  readonly type: number;
  readonly value?: unknown;
  readonly metric?: number;
  readonly nexthop?: string;
  readonly as_paths?: readonly { readonly asns: readonly number[] }[];
  readonly communities?: readonly number[];
};
type GoPath = { readonly attrs: readonly GoAttribute[] };
type GoLarge = { readonly ASN: number; readonly LocalData1: number; readonly LocalData2: number };

const origins = ["IGP", "EGP", "incomplete"];

function readRoutes(printed: string): SeenRoutes {
  const table = JSON.parse(printed) as Readonly<Record<string, readonly GoPath[]>>;
  const entries = Object.entries(table);
  return Object.fromEntries(
    entries.flatMap(([prefix, [path]]) => (path === undefined ? [] : [[prefix, seenRoute(path)]])),
  );
}

/** By the types of RFC 4271, 1997, 4760 and 8092. */
function seenRoute({ attrs }: GoPath): SeenRoute {
  const of = (type: number): GoAttribute | undefined => attrs.find((each) => each.type === type);
  const med = of(4)?.metric;
  const large = (of(32)?.value ?? []) as readonly GoLarge[];
  return {
    origin: origins[Number(of(1)?.value)] ?? "",
    asPath: of(2)?.as_paths?.flatMap(({ asns }) => asns) ?? [],
    nextHop: of(3)?.nexthop ?? of(14)?.nexthop ?? "",
    ...(med !== undefined && { med }),
    localPref: Number(of(5)?.value ?? 100),
    communities: (of(8)?.communities ?? []).map((number) => `${Math.floor(number / 65_536)}:${number % 65_536}`),
    largeCommunities: large.map(({ ASN, LocalData1, LocalData2 }) => `${ASN}:${LocalData1}:${LocalData2}`),
  };
}
