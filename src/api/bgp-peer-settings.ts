import { type Address, type Family, notAnAddress, parseAddress, sameAddress } from "../net/address.ts";
import { specialPurpose } from "../net/special.ts";
import { asnProblem } from "./asn.ts";
import { type BgpTimers, parseTimers } from "./bgp-timers.ts";
import type { Spec } from "./generated/bgppeer-v1beta1.ts";
import type { LabelSelector } from "./label-selector.ts";
import type { Problem } from "./problem.ts";

/** Where a router is: at an address, or found by its router advertisements on an interface (unnumbered). */
export type PeerRemote =
  | { readonly kind: "address"; readonly address: Address }
  | { readonly kind: "interface"; readonly interface: string };

/** BFD on a session (RFC 5880). */
export type PeerBfd = { readonly transmitMs: number; readonly receiveMs: number; readonly multiplier: number };

/** Where the password of TCP-MD5 comes from: a Secret's name, or the node's own annotation. Never to be logged or shown. */
export type PeerPassword = { readonly secret: string } | { readonly text: string };

/** How a node talks to a router. */
export type PeerSettings = BgpTimers & {
  readonly remote: PeerRemote;
  readonly asn: number;
  readonly localAsn: number;
  readonly port: number;
  /** Which nodes have a session; absent: every node. */
  readonly nodeSelector?: LabelSelector;
  /** The BGP identifier, as an IPv4 address; absent: an address of the node. */
  readonly routerId?: Address;
  readonly password?: PeerPassword;
  /** How many hops away a router of another AS may be; absent: it is a neighbour. */
  readonly ebgpMultihop?: number;
  /** Packets that came over more hops are not taken (RFC 5082); absent: all are. */
  readonly ttlSecurity?: number;
  readonly sourceAddress?: Address;
  readonly vrf?: string;
  readonly bfd?: PeerBfd;
  readonly gracefulRestart: boolean;
  /** What is announced, IPv4 first. */
  readonly families: readonly Family[];
};

/** The settings, or everything that is wrong with a spec. */
export type ParsedSettings = { readonly settings: PeerSettings } | { readonly problems: readonly Problem[] };

const bgpPort = 179;
const defaultBfd = { transmit: 300, receive: 300, multiplier: 3 };

/** What a BGPPeer's spec says, with the defaults of the schema; each problem names the field at or below `path`. */
export function parsePeerSettings(spec: Spec, path: string): ParsedSettings {
  const problems: Problem[] = [];
  const { timers, problems: timerProblems } = parseTimers(spec, path);
  const sourceAddress = addressAt(spec.sourceAddress, `${path}.sourceAddress`, problems);
  const routerId = addressAt(spec.routerId, `${path}.routerId`, problems);
  const remote = parseRemote(spec, path, problems);
  const told = { remote, sourceAddress, routerId };
  for (const check of checks) problems.push(...check(spec, told).map((each) => at(path, each)));
  problems.push(...timerProblems);
  if (remote === undefined || problems.length > 0) return { problems };
  const settings = { ...plainSettings(spec), ...timers, remote };
  return { settings: { ...settings, ...(sourceAddress && { sourceAddress }), ...(routerId && { routerId }) } };
}

function at(path: string, { path: field, message }: Problem): Problem {
  return { path: field === "" ? path : `${path}.${field}`, message };
}

/** What is taken as it is written. */
function plainSettings(spec: Spec): Omit<PeerSettings, keyof BgpTimers | "remote" | "sourceAddress" | "routerId"> {
  const { asn, localAsn, port: number = bgpPort, nodeSelector, passwordSecret, gracefulRestart = true } = spec;
  return {
    asn,
    localAsn,
    port: number,
    ...(nodeSelector && { nodeSelector }),
    ...(passwordSecret && { password: { secret: passwordSecret.name } }),
    ...pathSettings(spec),
    ...(spec.bfd && { bfd: bfdOf(spec.bfd) }),
    gracefulRestart,
    families: familiesOf(spec.families),
  };
}

function pathSettings({
  ebgpMultihop,
  ttlSecurity,
  vrf,
}: Spec): Pick<PeerSettings, "ebgpMultihop" | "ttlSecurity" | "vrf"> {
  return {
    ...(ebgpMultihop !== undefined && { ebgpMultihop }),
    ...(ttlSecurity !== undefined && { ttlSecurity }),
    ...(vrf !== undefined && { vrf }),
  };
}

function familiesOf(names: Spec["families"] = ["IPv4", "IPv6"]): readonly Family[] {
  return ([4, 6] as const).filter((family) => names.includes(`IPv${family}`));
}

function bfdOf(bfd: NonNullable<Spec["bfd"]>): PeerBfd {
  const { transmit, receive, multiplier } = { ...defaultBfd, ...bfd };
  return { transmitMs: transmit, receiveMs: receive, multiplier };
}

function addressAt(text: string | undefined, path: string, problems: Problem[]): Address | undefined {
  const address = text === undefined ? undefined : parseAddress(text);
  if (text !== undefined && address === undefined) problems.push({ path, message: notAnAddress(text) });
  return address;
}

function parseRemote(spec: Spec, path: string, problems: Problem[]): PeerRemote | undefined {
  const address = addressAt(spec.address, `${path}.address`, problems);
  if (address !== undefined) return { kind: "address", address };
  return spec.interface === undefined ? undefined : { kind: "interface", interface: spec.interface };
}

/** What was read of a spec; undefined where it is absent or wrong. */
type Told = {
  readonly remote: PeerRemote | undefined;
  readonly sourceAddress: Address | undefined;
  readonly routerId: Address | undefined;
};

/** What is wrong in one respect; paths are below the spec. */
type Check = (spec: Spec, told: Told) => readonly Problem[];

const one = (path: string, message: string | undefined): readonly Problem[] =>
  message === undefined ? [] : [{ path, message }];

const eitherAddressOrInterface: Check = ({ address, interface: link }) => {
  if (address !== undefined && link !== undefined) return one("interface", "excludes address: exactly one is expected");
  return address === undefined && link === undefined
    ? one("", "says not where the router is: expected address or interface")
    : [];
};

const asNumbers: Check = ({ asn, localAsn }) => [
  ...one("asn", asnProblem(asn)),
  ...one("localAsn", asnProblem(localAsn)),
];

const linkLocal = "link-local";

/** IPv4 link-local addresses are used between routers and hosts of some providers; IPv6 ones need an interface. */
function unusable(address: Address): string | undefined {
  const purpose = specialPurpose(address);
  return purpose === linkLocal && address.family === 4 ? undefined : purpose;
}

const routerAddress: Check = (_, { remote }) => {
  const purpose = remote?.kind === "address" ? unusable(remote.address) : undefined;
  if (purpose === undefined) return [];
  return purpose === linkLocal
    ? one("address", "is link-local, which means nothing without its interface: give interface instead")
    : one("address", `is no other machine's address: ${purpose}`);
};

const network: Check = ({ interface: link, vrf }) =>
  link !== undefined && vrf !== undefined
    ? one("vrf", "excludes interface: the session is on that interface, whatever VRF it belongs to")
    : [];

const ownAddress: Check = ({ interface: link }, { remote, sourceAddress }) => {
  if (sourceAddress === undefined) return [];
  if (link !== undefined)
    return one("sourceAddress", "excludes interface, where the link-local address is spoken from");
  const purpose = unusable(sourceAddress);
  if (purpose !== undefined) return one("sourceAddress", `is no address to speak from: ${purpose}`);
  if (remote?.kind !== "address") return [];
  if (sameAddress(remote.address, sourceAddress)) return one("sourceAddress", "is the peer's own address");
  return remote.address.family === sourceAddress.family
    ? []
    : one("sourceAddress", "is of another family than address");
};

const identifier: Check = (_, { routerId }) =>
  routerId !== undefined && (routerId.family !== 4 || routerId.value === 0n)
    ? one("routerId", "expected the form of an IPv4 address, not 0.0.0.0")
    : [];

const distance: Check = ({ ebgpMultihop, ttlSecurity, asn, localAsn, interface: link }) => [
  ...(ebgpMultihop !== undefined && ttlSecurity !== undefined ? one("ttlSecurity", "excludes ebgpMultihop") : []),
  ...(ebgpMultihop !== undefined && asn === localAsn
    ? one("ebgpMultihop", "is for a router of another AS: asn equals localAsn")
    : []),
  ...(ebgpMultihop !== undefined && link !== undefined
    ? one("ebgpMultihop", "excludes interface: who is found there is one hop away")
    : []),
  ...(ttlSecurity !== undefined && ttlSecurity !== 1 && link !== undefined
    ? one("ttlSecurity", "with interface expected 1: who is found there is one hop away")
    : []),
  ...outside("ebgpMultihop", ebgpMultihop, [2, 255]),
  ...outside("ttlSecurity", ttlSecurity, [1, 254]),
];

const port: Check = ({ port: number }) => outside("port", number, [1, 65_535]);

const families: Check = ({ families: list }) =>
  list?.length === 0 ? one("families", "is empty: expected IPv4, IPv6 or both") : [];

const leastDetectionMs = 30;
const intervalsMs = [10, 60_000] as const;

const bfdProfile: Check = ({ bfd }) => {
  if (bfd === undefined) return [];
  const { transmit, receive, multiplier } = { ...defaultBfd, ...bfd };
  const wrong = [
    ...outside("bfd.transmit", transmit, intervalsMs),
    ...outside("bfd.receive", receive, intervalsMs),
    ...outside("bfd.multiplier", multiplier, [1, 255]),
  ];
  if (wrong.length > 0 || transmit * multiplier >= leastDetectionMs) return wrong;
  return one("bfd.multiplier", `${transmit} ms × ${multiplier} is less than ${leastDetectionMs} ms`);
};

function outside(
  path: string,
  value: number | undefined,
  [least, most]: readonly [number, number],
): readonly Problem[] {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return [];
  return one(path, `${value}: expected ${least} to ${most}`);
}

/** All of them are told at once, in the order in which a person reads a spec. */
const checks: readonly Check[] = [
  eitherAddressOrInterface,
  routerAddress,
  asNumbers,
  port,
  identifier,
  distance,
  network,
  ownAddress,
  bfdProfile,
  families,
];
