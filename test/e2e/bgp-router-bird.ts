/** BIRD 2 as the router under test. */
import { writeFile } from "node:fs/promises";
import { parseAddress } from "../../src/net/address.ts";
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
import type { Program } from "./speaker-world.ts";

/** A BIRD that does not run yet. */
export function bird({ host, folder, routerId, neighbours }: RouterOptions): Router {
  const socket = `${folder}/ctl`;
  const ask = async (command: string): Promise<string> => {
    const answer = await converse(socket, `${command}\n`, (text) => /^(?!0001)\d{4} /m.test(text));
    return answer.replaceAll(/^(\d{4}[- ]| )/gm, "");
  };
  const programs: Program[] = [];
  let watch: Program | undefined;
  return {
    start: async () => {
      await writeFile(`${folder}/bird.conf`, configuration(folder, routerId, neighbours));
      watch = await watchRoutes(host);
      const command = `bird -f -c ${folder}/bird.conf -s ${socket} -P ${folder}/pid`;
      programs.push(watch, await startDaemons(host, [command], async () => (await ask("show status")).includes("up")));
    },
    kill: async () => {
      await Promise.all(programs.splice(0).map((program) => program.end()));
    },
    routes: async () => readRoutes(await ask("show route all")),
    changes: () => (watch === undefined ? [] : watchedLines(watch)),
    describe: () => ask("show protocols all"),
  };
}

function configuration(folder: string, routerId: string, neighbours: readonly Neighbour[]): string {
  const interfaces = neighbours.flatMap(({ at }) => ("interface" in at ? [at.interface] : []));
  const advertised = interfaces.map((name) => `interface "${name}" { max ra interval 4; default lifetime 0; };`);
  const times = `min rx interval ${bfdTimes.receiveMs} ms; min tx interval ${bfdTimes.transmitMs} ms; multiplier ${bfdTimes.multiplier};`;
  return `log "${folder}/log" all;
router id ${routerId};
protocol device { scan time 1; }
protocol direct { ipv4; ipv6; }
protocol kernel { ipv4 { export where source = RTS_BGP; }; }
protocol kernel { ipv6 { export where source = RTS_BGP; }; }
protocol bfd { interface "*" { ${times} }; multihop { ${times} }; }
${advertised.length > 0 ? `protocol radv { ${advertised.join(" ")} }` : ""}
${neighbours.map(protocolOf).join("\n")}
`;
}

function protocolOf(neighbour: Neighbour): string {
  const { name, at, families, password, ttlSecurity, multihop, gracefulRestart, bfd, withoutCapabilities } = neighbour;
  const rows: readonly (readonly [boolean, string])[] = [
    [true, `${peerOf(neighbour)} passive on; error wait time 1, 2;`],
    [true, `graceful restart ${gracefulRestart === true ? "on" : "off"};`],
    [password !== undefined, `password "${password}";`],
    [ttlSecurity === true, "ttl security on;"],
    [multihop === true, "multihop 2;"],
    [bfd === true, `bfd ${gracefulRestart === true ? "graceful" : "on"};`],
    [withoutCapabilities === true, "capabilities off;"],
    [families.includes(4), `ipv4 { ${channelOf(neighbour)} ${"interface" in at ? "extended next hop on;" : ""} };`],
    [families.includes(6), `ipv6 { ${channelOf(neighbour)} };`],
  ];
  const lines = rows.flatMap(([is, line]) => (is ? [`  ${line}`] : []));
  return [`protocol bgp ${name} {`, ...lines, "}"].join("\n");
}

function peerOf({ name, at, asn = heraldAsn }: Neighbour): string {
  return "interface" in at
    ? `local as ${routerAsn}; neighbor range ${at.linkLocal}/128 as ${asn}; interface "${at.interface}"; dynamic name "${name}_"; direct;`
    : `local ${at.local} as ${routerAsn}; neighbor ${at.address} as ${asn};`;
}

function channelOf({ prefixLimit }: Neighbour): string {
  return `import all; export none; ${prefixLimit === undefined ? "" : `import limit ${prefixLimit} action restart;`}`;
}

/** Routes that came by BGP, those that BIRD cannot use too. */
function readRoutes(printed: string): SeenRoutes {
  const seen: Record<string, SeenRoute> = {};
  for (const block of printed.split(/^(?=\S+\/\d+\s)/m)) {
    const [, prefix] = /^(\S+\/\d+)\s/.exec(block) ?? [];
    const lines = [...block.matchAll(/^\s+BGP\.(\S+): (.*)$/gm)];
    const attributes = Object.fromEntries(lines.map(([, name = "", value = ""]) => [name, value]));
    if (prefix !== undefined && "origin" in attributes) seen[prefix] = seenRoute(attributes);
  }
  return seen;
}

function seenRoute(attributes: Readonly<Record<string, string>>): SeenRoute {
  const {
    origin = "",
    as_path = "",
    next_hop = "",
    med,
    local_pref,
    community = "",
    large_community = "",
  } = attributes;
  const lists = (text: string): readonly string[] =>
    [...text.matchAll(/\(([^)]*)\)/g)].map(([, list = ""]) => list.replaceAll(/,\s*/g, ":"));
  return {
    origin,
    asPath: as_path.split(" ").filter(Boolean).map(Number),
    nextHop: next_hop.split(" ").find((text) => parseAddress(text) !== undefined && text !== "::") ?? next_hop,
    ...(med !== undefined && { med: Number(med) }),
    localPref: Number(local_pref ?? 100),
    communities: lists(community),
    largeCommunities: lists(large_community),
  };
}
