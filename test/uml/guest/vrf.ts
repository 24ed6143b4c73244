/**
 * BGP and BFD in a VRF, between two speakers without any capability. The hosts a and b have a cable of their own, `blue0`, with
 * 10.20.0.1 and 10.20.0.2; at a it belongs to `vrf-blue`, outside of which a knows no way there. Outside of it both are on the
 * bridge, with 10.9.0.1 and 10.9.0.2.
 */
import assert from "node:assert/strict";
import { eventually } from "../../support/eventually.ts";
import type { Case } from "./case.ts";
import { type Program, shell, start } from "./machine.ts";

type Report = {
  readonly name: string;
  readonly state: string;
  readonly lastError?: string;
  readonly announced: number;
  readonly bfd?: object;
};

const port = 1790;
const bfd = { transmitMs: 300, receiveMs: 300, multiplier: 5, multihop: false };
/** Sessions by their names, and the network that each is over. */
const networks = { blue: "10.20.0", bridge: "10.9.0" } as const;
const speakers = new Map<string, Program>();

async function openVrf(): Promise<void> {
  await shell(`
    ip -n a link add blue0 type veth peer name blue0 netns b
    ip -n a link add vrf-blue type vrf table 10
    ip -n a link set vrf-blue up
    ip -n a link set blue0 master vrf-blue
    ip -n a link set blue0 up
    ip -n b link set blue0 up
    ip -n a address add 10.20.0.1/24 dev blue0
    ip -n b address add 10.20.0.2/24 dev blue0`);
  for (const name of ["a", "b"])
    speakers.set(name, await start(name, "../../e2e/bgp-speaker-node.ts", `/run/bgp-${name}`, String(port)));
}

function speaker(name: "a" | "b"): Program {
  const found = speakers.get(name);
  if (found === undefined) throw new Error(`no speaker ${name}`);
  return found;
}

type Session = { readonly over?: keyof typeof networks; readonly passive?: boolean; readonly device?: string };

/** Has one of the two want a session with the other, and tell it a route. */
function want(name: "a" | "b", { over = "blue", passive = false, device }: Session): void {
  const [number, other] = name === "a" ? [1, 2] : [2, 1];
  const timers = { holdTimeSeconds: 30, keepaliveSeconds: 10, connectRetrySeconds: 1 };
  const settings = {
    localAsn: 64_500 + number,
    peerAsn: 64_500 + other,
    routerId: `10.20.0.${number}`,
    ...timers,
    passive,
    families: [4],
    required: [],
  };
  const transport = { peer: `${networks[over]}.${other}`, port, ...(device && { device }) };
  const attributes = { prepend: 0, communities: [], largeCommunities: [] };
  const prefix = { address: `198.51.100.${number}`, length: 32 };
  speaker(name).say({ kind: "bgpRoutes", name: over, routes: [{ prefix, attributes }] });
  speaker(name).say({ kind: "bgpPeer", name: over, settings, transport, bfd });
}

function part(over: keyof typeof networks = "blue"): void {
  for (const name of ["a", "b"] as const) speaker(name).say({ kind: "bgpPeerGone", name: over });
}

/** Resolves once what a speaker said last of a session is so. */
function says(
  name: "a" | "b",
  { over = "blue" }: Pick<Session, "over">,
  is: (report: Report) => boolean,
): Promise<Report> {
  const { lines } = speaker(name);
  const begun = lines.length;
  return eventually(`${name} says what it is to of ${over}`, () => {
    const last = (lines.slice(begun) as Report[]).findLast((report) => report.name === over);
    return last !== undefined && is(last) ? last : undefined;
  });
}

const isUp = ({ state, announced, bfd: path }: Report): boolean =>
  state === "Established" && announced === 1 && JSON.stringify(path) === '{"state":"Up"}';

async function isUpInside(passive: "a" | "b"): Promise<void> {
  const up = (["a", "b"] as const).map((name) => says(name, {}, isUp));
  want("a", { device: "vrf-blue", passive: passive === "a" });
  want("b", { passive: passive === "b" });
  await Promise.all(up);
  part();
}

async function isUpOnBothSides(): Promise<void> {
  const up = (["blue", "bridge"] as const).map((over) => says("a", { over }, isUp));
  for (const over of ["blue", "bridge"] as const) want("b", { over, passive: true });
  want("a", { device: "vrf-blue" });
  want("a", { over: "bridge" });
  await Promise.all(up);
  for (const over of ["blue", "bridge"] as const) part(over);
}

async function isDownOutside(): Promise<void> {
  const down = says("a", {}, ({ lastError }) => lastError !== undefined);
  want("b", { passive: true });
  want("a", {});
  assert.match((await down).lastError ?? "", /network is unreachable/);
  part();
}

/** In their order: the first makes the network. */
export const vrfCases: readonly Case[] = [
  {
    name: "VRF: BGP and BFD are up in the VRF of vrf, begun from inside it",
    run: async () => {
      await openVrf();
      await isUpInside("b");
    },
  },
  { name: "VRF: the peer may begin the session too, and is heard in the VRF", run: () => isUpInside("a") },
  { name: "VRF: BGP and BFD are up in a VRF and outside of it at once", run: isUpOnBothSides },
  { name: "VRF: without vrf the peer is not found", run: isDownOutside },
];
