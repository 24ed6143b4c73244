/** FRR (zebra, bgpd, bfdd) as the router under test, without watchfrr and without any file of the system's own FRR. */
import { chmod, chown, writeFile } from "node:fs/promises";
import {
  bfdTimes,
  converse,
  heraldAsn,
  type Neighbour,
  type Router,
  type RouterOptions,
  routerAsn,
  type SeenRoute,
  type SeenRoutes,
  startDaemons,
  watchedLines,
  watchRoutes,
} from "./bgp-router.ts";
import type { Host, Program } from "./speaker-world.ts";

/** Three zero bytes and the command's result. */
const endOfAnswer = /\0\0\0[\s\S]/;

/** An FRR that does not run yet. */
export function frr({ host, folder, routerId, neighbours }: RouterOptions): Router {
  const ask = async (name: DaemonName, command: string): Promise<string> => {
    const request = `enable\0${command}\0`;
    const isAll = (text: string): boolean => text.split(endOfAnswer).length > 2;
    return (await converse(`${folder}/${name}.vty`, request, isAll)).split(endOfAnswer)[1] ?? "";
  };
  const programs: Program[] = [];
  let watch: Program | undefined;
  return {
    start: async () => {
      await prepare(host, folder);
      await writeFile(`${folder}/zebra.conf`, "");
      await writeFile(`${folder}/bfdd.conf`, bfdConfiguration);
      await writeFile(`${folder}/bgpd.conf`, configuration(routerId, neighbours));
      watch = await watchRoutes(host);
      programs.push(watch);
      const begin = async (names: readonly DaemonName[], isReady: () => Promise<boolean>): Promise<void> => {
        const commands = names.map((name) => commandOf(name, folder));
        programs.push(await startDaemons(host, commands, isReady));
      };
      // What bgpd asks of bfdd before zebra knows that one is lost.
      await begin(["zebra", "bfdd"], async () => (await ask("zebra", "show zebra client summary")).includes("bfd"));
      await begin(["bgpd"], async () => (await ask("bgpd", "show bgp summary")).length > 0);
    },
    kill: async () => {
      await Promise.all(programs.splice(0).map((program) => program.end()));
    },
    routes: async () => {
      const families = await Promise.all(
        ["ipv4", "ipv6"].map((family) => ask("bgpd", `show bgp ${family} unicast json detail`)),
      );
      return Object.assign({}, ...families.map(readRoutes));
    },
    changes: () => (watch === undefined ? [] : watchedLines(watch)),
    describe: () => ask("bgpd", "show bgp neighbors"),
  };
}

/** FRR gives up root's rights for those of its own user, who must have the folder. */
async function prepare(host: Host, folder: string): Promise<void> {
  const [user, group] = (await host.run("echo $(id -u frr) $(id -g frr)")).split(" ").map(Number);
  await chmod(folder, 0o755);
  await chown(folder, user ?? 0, group ?? 0);
}

type DaemonName = "zebra" | "bfdd" | "bgpd";

function commandOf(name: DaemonName, folder: string): string {
  const files = `-f ${folder}/${name}.conf -i ${folder}/${name}.pid --vty_socket ${folder} -z ${folder}/zserv.api`;
  const more = name === "bfdd" ? `--bfdctl ${folder}/bfdd.sock` : "";
  return `/usr/lib/frr/${name} -u frr -g frr -P 0 ${files} ${more} --log file:${folder}/${name}.log`;
}

const bfdConfiguration = `bfd
 profile quick
  detect-multiplier ${bfdTimes.multiplier}
  receive-interval ${bfdTimes.receiveMs}
  transmit-interval ${bfdTimes.transmitMs}
`;

function configuration(routerId: string, neighbours: readonly Neighbour[]): string {
  const families = [4, 6] as const;
  return `frr defaults datacenter
router bgp ${routerAsn}
 bgp router-id ${routerId}
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 no bgp network import-check
${neighbours.flatMap(linesOf).join("\n")}
${families.map((family) => ` address-family ipv${family} unicast\n${neighbours.flatMap((each) => familyLines(each, family)).join("\n")}\n exit-address-family`).join("\n")}
`;
}

function linesOf(neighbour: Neighbour): readonly string[] {
  const { at, asn = heraldAsn, password, ttlSecurity, multihop, gracefulRestart, bfd, withoutCapabilities } = neighbour;
  const name = "interface" in at ? at.interface : at.address;
  const rows: readonly (readonly [boolean, string])[] = [
    ["interface" in at, `interface remote-as ${asn}`],
    ["address" in at, `remote-as ${asn}`],
    ["address" in at, `update-source ${"local" in at ? at.local : ""}`],
    [true, "timers connect 1"],
    [true, "passive"],
    [password !== undefined, `password ${password}`],
    [ttlSecurity === true, "ttl-security hops 1"],
    [multihop === true, "ebgp-multihop 2"],
    [gracefulRestart === true, "graceful-restart-helper"],
    [gracefulRestart !== true, "graceful-restart-disable"],
    [bfd === true, "bfd"],
    [bfd === true, "bfd profile quick"],
    [bfd === true && gracefulRestart === true, "bfd check-control-plane-failure"],
    [withoutCapabilities === true, "dont-capability-negotiate"],
  ];
  return rows.flatMap(([is, line]) => (is ? [` neighbor ${name} ${line}`] : []));
}

function familyLines({ at, families, prefixLimit }: Neighbour, family: 4 | 6): readonly string[] {
  const name = "interface" in at ? at.interface : at.address;
  if (!families.includes(family)) return [];
  const limit = prefixLimit === undefined ? [] : [`  neighbor ${name} maximum-prefix ${prefixLimit}`];
  return [`  neighbor ${name} activate`, ...limit];
}

type FrrPath = {
  readonly aspath?: { readonly segments: readonly { readonly list: readonly number[] }[] };
  readonly origin?: string;
  readonly metric?: number;
  readonly locPrf?: number;
  readonly nexthops?: readonly { readonly ip: string; readonly scope?: string }[];
  readonly community?: { readonly list: readonly string[] };
  readonly largeCommunity?: { readonly list: readonly string[] };
};

/** Before the paths of a prefix stands an entry about the prefix itself. */
function readRoutes(printed: string): SeenRoutes {
  const { routes } = JSON.parse(printed) as { routes: Readonly<Record<string, readonly FrrPath[]>> };
  const entries = Object.entries(routes).map(
    ([prefix, paths]) => [prefix, paths.find(({ aspath }) => aspath)] as const,
  );
  return Object.fromEntries(
    entries.flatMap(([prefix, path]) => (path === undefined ? [] : [[prefix, seenRoute(path)]])),
  );
}

function seenRoute(path: FrrPath): SeenRoute {
  const { aspath, origin = "", metric, locPrf, nexthops = [], community, largeCommunity } = path;
  return {
    origin,
    asPath: aspath?.segments.flatMap(({ list }) => list) ?? [],
    nextHop: nexthops[0]?.ip ?? "",
    ...(metric !== undefined && { med: metric }),
    localPref: locPrf ?? 100,
    communities: community?.list ?? [],
    largeCommunities: largeCommunity?.list ?? [],
  };
}
