/**
 * Herald and the routers of the interop matrix on one bridge, each a host: `a` is Herald's, `hub` is a router in between for
 * sessions over several hops, and the switch of unnumbered cables. One speaker has the sessions of all cells.
 */
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { BgpSessionReport } from "../../src/speaker/bgp-messages.ts";
import { isInstalled } from "../lab/programs.ts";
import { eventually } from "../support/eventually.ts";
import { type Cell, cellName, cells, impossibility, type RouterName, routers } from "./bgp-interop-cells.ts";
import {
  allPrefixesOf,
  cableOf,
  farAddress,
  heraldAddress,
  heraldLinkLocal,
  neighbourOf,
  peerOf,
  routesOf,
} from "./bgp-interop-session.ts";
import type { Router, SeenRoutes } from "./bgp-router.ts";
import { bird } from "./bgp-router-bird.ts";
import { frr } from "./bgp-router-frr.ts";
import { gobgp } from "./bgp-router-gobgp.ts";
import { createWorld, type Host, type Program, type World } from "./speaker-world.ts";

/** For so long one answer of a router serves all of its cells. */
const FRESH_MS = 100;

const makers = { bird, frr, gobgp };
const hub = Object.keys(routers).length + 2;
const programOf: Readonly<Record<RouterName, string>> = { bird: "bird", frr: "/usr/lib/frr/bgpd", gobgp: "gobgpd" };

/** Why a router cannot be run here, or undefined. */
export function absence(router: RouterName): string | undefined {
  const program = programOf[router];
  const isThere = program.startsWith("/") ? existsSync(program) : isInstalled(program);
  if (!isThere) return `${routers[router]} is not installed`;
  const needsRoot = router === "frr" && process.getuid?.() !== 0;
  return needsRoot ? "FRR gives up root's rights for those of its own user, which takes root" : undefined;
}

/** Why a cell is not tested, or undefined. */
export function skipped(cell: Cell): string | undefined {
  return impossibility(cell) ?? absence(cell.router);
}

/** The cells that are tested here. */
export const tested: readonly Cell[] = cells.filter((cell) => skipped(cell) === undefined);

/** What the tests of the matrix share. */
export type InteropLab = {
  readonly world: World;
  readonly router: (name: RouterName) => Router;
  /** The routes that a router has of a cell. */
  readonly routesOf: (cell: Cell) => Promise<SeenRoutes>;
  /** Herald's last report of a cell's session. */
  readonly report: (cell: Cell) => BgpSessionReport | undefined;
  /** What Herald is told. */
  readonly say: (command: object) => void;
  /** Ends the speaker, as an upgrade does; it has ended when this resolves. */
  readonly endSpeaker: () => Promise<void>;
  /** Starts a speaker with the sessions of all cells. */
  readonly startSpeaker: () => Promise<void>;
  /** Cuts all ways at Herald's end, so that routers see nothing but silence; or mends them. */
  readonly cut: (isCut: boolean) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Makes all of it; sessions are on their way up. */
export async function interopLab(): Promise<InteropLab> {
  const folder = await mkdtemp(`${tmpdir()}/herald-interop-`);
  // A router that is another user must come through.
  await chmod(folder, 0o755);
  const names = Object.keys(routers).filter((name) => absence(name as RouterName) === undefined) as RouterName[];
  const world = await createWorld(["a", ...Object.keys(routers), "hub"]);
  const table = new Map(names.map((name) => [name, makeRouter(world, name, folder)] as const));
  try {
    await layCables(world);
    await Promise.all([...table.values()].map((each) => each.start()));
  } catch (error) {
    await Promise.all([...table.values()].map((each) => each.kill()));
    world.stop();
    throw error;
  }
  const router = (name: RouterName): Router => table.get(name) ?? unknown(name);
  let speaker = await startSpeaker(world, folder);
  return {
    world,
    router,
    routesOf: async (cell) => {
      const prefixes = allPrefixesOf(cell);
      const routes = await router(cell.router).routes();
      return Object.fromEntries(Object.entries(routes).filter(([prefix]) => prefixes.includes(prefix)));
    },
    report: (cell) => lastReport(speaker, cellName(cell)),
    say: (command) => speaker.say(command),
    endSpeaker: async () => void (await speaker.end()),
    startSpeaker: async () => {
      speaker = await startSpeaker(world, folder);
    },
    cut: async (isCut) => {
      const to = isCut ? "down" : "up";
      const cables = unnumbered().map((cell) => `ip link set ${cableOf(cell).herald} ${to}`);
      await Promise.all([
        world.bridge.run(`ip link set port-a ${to}`),
        world.host("hub").run(["true", ...cables].join("; ")),
      ]);
    },
    stop: async () => {
      await speaker.end();
      await Promise.all([...table.values()].map((each) => each.kill()));
      world.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function unknown(name: string): never {
  throw new Error(`${name} does not run`);
}

const unnumbered = (): readonly Cell[] => tested.filter(({ transport }) => transport === "unnumbered");

function makeRouter(world: World, name: RouterName, folder: string): Router {
  const started = { host: world.host(name), folder: `${folder}/${name}` };
  const neighbours = tested.filter(({ router }) => router === name).map(neighbourOf);
  const router = makers[name]({
    ...started,
    routerId: `10.10.0.${Object.keys(routers).indexOf(name) + 2}`,
    neighbours,
  });
  let asked: { readonly atMs: number; readonly answer: Promise<SeenRoutes> } | undefined;
  return {
    ...router,
    start: async () => {
      asked = undefined;
      await mkdir(started.folder, { recursive: true });
      await router.start();
    },
    routes: () => {
      const nowMs = performance.now();
      if (asked === undefined || nowMs - asked.atMs > FRESH_MS) asked = { atMs: nowMs, answer: router.routes() };
      return asked.answer;
    },
  };
}

async function startSpeaker(world: World, folder: string): Promise<Program> {
  const speaker = world.host("a").start("bgp-speaker-node.ts", `${folder}/state`, "0", "net_raw");
  await eventually("the speaker is ready", () => speaker.lines[0]);
  for (const cell of tested) {
    speaker.say(routesOf(cell, ["rich", "plain"]));
    speaker.say(peerOf(cell));
  }
  return speaker;
}

function lastReport({ lines }: Program, name: string): BgpSessionReport | undefined {
  return (lines as readonly BgpSessionReport[]).findLast((line) => line.kind === "bgpSession" && line.name === name);
}

/** Herald's many addresses; the ways over the hub, both there and back; a cable for each unnumbered session. */
async function layCables(world: World): Promise<void> {
  const herald = world.host("a");
  const names = Object.keys(routers) as RouterName[];
  const indices = [...new Set(tested.map(({ index }) => index))];
  const both = (line: (family: 4 | 6) => string): readonly string[] => [line(4), line(6)];
  const gateway = { 4: `10.9.0.${hub}`, 6: `fd09::${hub}` };
  const host = { 4: 32, 6: 128 };
  const quiet =
    "sysctl -qw net.ipv6.conf.all.accept_redirects=0 net.ipv6.conf.eth0.accept_redirects=0 net.ipv4.conf.all.accept_redirects=0 net.ipv6.conf.default.accept_dad=0";
  await script(herald, [
    quiet,
    ...indices.flatMap((index) =>
      both((family) =>
        `ip -${family} address add ${heraldAddress({ index }, family)}/${host[family]} dev eth0 nodad`.replace(
          family === 4 ? " nodad" : "",
          "",
        ),
      ),
    ),
    ...names.flatMap((name) =>
      both((family) => `ip -${family} route add ${farAddress(name, family)} via ${gateway[family]}`),
    ),
  ]);
  await script(world.host("hub"), [
    quiet,
    "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0",
    ...names.flatMap((name, i) => [
      `ip route add ${farAddress(name, 4)} via 10.9.0.${i + 2}`,
      `ip -6 route add ${farAddress(name, 6)} via fd09::${i + 2}`,
    ]),
  ]);
  for (const name of names) {
    const far = tested.filter(({ router, variant }) => router === name && variant.startsWith("multihop"));
    await script(world.host(name), [
      quiet,
      ...both((family) => `ip -${family} address add ${farAddress(name, family)}/${host[family]} dev lo`),
      ...far.flatMap((cell) =>
        both((family) => `ip -${family} route add ${heraldAddress(cell, family)} via ${gateway[family]}`),
      ),
    ]);
  }
  for (const cell of unnumbered()) await layCable(world, cell);
}

async function layCable(world: World, cell: Cell): Promise<void> {
  const { herald, router } = cableOf(cell);
  await world.join("a", "hub", herald);
  await world.join(cell.router, "hub", router);
  await script(world.host("hub"), [
    `ip link add b${herald} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    `ip link set ${herald} master b${herald}`,
    `ip link set ${router} master b${herald}`,
    `ip link set b${herald} up`,
  ]);
  // Known to the router's configuration: a password of BIRD's holds for all addresses that its neighbour may have, on all links.
  await script(world.host("a"), [
    `ip -6 address flush dev ${herald} scope link`,
    `ip -6 address add ${heraldLinkLocal(cell)}/64 dev ${herald} nodad`,
  ]);
}

const script = (host: Host, lines: readonly string[]): Promise<string> => host.run(lines.join(" && "));
