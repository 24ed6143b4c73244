import { peerSecretNamespace } from "../../api/bgp-peer.ts";
import type { BFD, Spec } from "../../api/generated/bgppeer-v1beta1.ts";
import { selectorObject } from "../../api/label-selector.ts";
import { parseAddress } from "../../net/address.ts";
import { type Fields, fieldsOf, listOf, type Manifest, nameOf, textOf } from "../manifest.ts";
import { type ImportedPeer, type Note, note, peerLabel, unreadFields } from "./imported.ts";
import { anyOf, requirementsOf } from "./selectors.ts";

const read = [
  ...[
    "myASN",
    "localASN",
    "peerASN",
    "dynamicASN",
    "peerAddress",
    "interface",
    "sourceAddress",
    "peerPort",
    "routerID",
    "vrf",
  ],
  ...["holdTime", "keepaliveTime", "connectTime", "nodeSelectors", "password", "passwordSecret", "bfdProfile"],
  ...["enableGracefulRestart", "ebgpMultiHop", "disableMP", "dualStackAddressFamily"],
];

/** The BGPPeers among MetalLB's objects, each with its BFDProfile, and notes on what is not carried over. */
export function peersOf(objects: readonly Manifest[]): {
  readonly peers: readonly ImportedPeer[];
  readonly notes: readonly Note[];
} {
  const profiles = new Map(objects.filter(({ kind }) => kind === "BFDProfile").map((each) => [nameOf(each), each]));
  const found = objects.filter(({ kind }) => kind === "BGPPeer").map((object) => readPeer(object, profiles));
  return {
    peers: found.flatMap(({ peer }) => peer ?? []),
    notes: [...found.flatMap(({ notes }) => notes), ...[...profiles.values()].flatMap(profileNotes)],
  };
}

type Profiles = ReadonlyMap<string, Manifest>;

function readPeer(
  object: Manifest,
  profiles: Profiles,
): { readonly peer?: ImportedPeer; readonly notes: readonly Note[] } {
  const fields = fieldsOf(object.spec);
  const { dynamicASN, myASN, peerASN } = fields;
  const local = localOf(object);
  const name = nameOf(object);
  if (dynamicASN === "external") {
    const message = "Herald must be told the router's AS number: the peer is left out";
    return { notes: [note(object, "spec.dynamicASN", message)] };
  }
  const nodes = nodesOf(object);
  const password = passwordOf(object);
  const bfd = bfdOf(object, profiles);
  const spec: Spec = {
    ...textFields(fields),
    asn: Number(dynamicASN === "internal" ? myASN : peerASN),
    localAsn: local.asn,
    ...sessionFields(fields, local.asn),
    ...nodes.part,
    ...password.part,
    ...bfd.part,
  };
  const parts = [local, nodes, password, bfd];
  const notes = [...parts.flatMap((part) => part.notes), ...unreadFields(object, "spec", read)];
  return { peer: { name, labels: { [peerLabel]: name }, spec }, notes };
}

/** Herald's names of what is carried over as it stands. */
const sameTexts: readonly (readonly [from: string, to: keyof Spec])[] = [
  ["peerAddress", "address"],
  ["interface", "interface"],
  ["sourceAddress", "sourceAddress"],
  ["routerID", "routerId"],
  ["vrf", "vrf"],
  ["holdTime", "holdTime"],
  ["keepaliveTime", "keepaliveTime"],
  ["connectTime", "connectTime"],
];

/** A session on an interface is in the VRF of that interface, which needs no saying. */
function textFields({ vrf, ...rest }: Fields): Partial<Spec> {
  const fields = rest.interface === undefined ? { ...rest, vrf } : rest;
  return Object.fromEntries(
    sameTexts.flatMap(([from, to]) => {
      const text = textOf(fields[from]);
      return text === undefined ? [] : [[to, text]];
    }),
  );
}

const bgpPort = 179;
const farthest = 255;

function sessionFields(fields: Fields, localAsn: number): Partial<Spec> {
  const { peerPort, ebgpMultiHop, enableGracefulRestart, peerASN, dynamicASN } = fields;
  const external = dynamicASN !== "internal" && localAsn !== peerASN;
  return {
    ...(typeof peerPort === "number" && peerPort !== 0 && peerPort !== bgpPort && { port: peerPort }),
    ...(ebgpMultiHop === true && external && { ebgpMultihop: farthest }),
    ...(enableGracefulRestart !== true && { gracefulRestart: false }),
    ...familiesOf(fields),
  };
}

/** A session has the family of its address alone, where that was said; releases before said it by `disableMP`. */
function familiesOf({ peerAddress, disableMP, dualStackAddressFamily }: Fields): Partial<Spec> {
  const both = dualStackAddressFamily === undefined ? disableMP !== true : dualStackAddressFamily === true;
  const family = parseAddress(textOf(peerAddress) ?? "")?.family;
  if (both || family === undefined) return {};
  return { families: [family === 4 ? "IPv4" : "IPv6"] as NonNullable<Spec["families"]> };
}

/** The session's own AS number stands for that of all of MetalLB's sessions. */
function localOf(object: Manifest): { readonly asn: number; readonly notes: readonly Note[] } {
  const { myASN, localASN } = fieldsOf(object.spec);
  if (typeof localASN !== "number" || localASN === 0 || localASN === myASN) return { asn: Number(myASN), notes: [] };
  const message = `the session and its paths have AS ${localASN} alone, without ${myASN}`;
  return { asn: localASN, notes: [note(object, "spec.localASN", message)] };
}

type Part = { readonly part: Partial<Spec>; readonly notes: readonly Note[] };
const nothing: Part = { part: {}, notes: [] };

function nodesOf(object: Manifest): Part {
  const selectors = listOf(fieldsOf(object.spec).nodeSelectors).map(requirementsOf);
  if (selectors.length === 0) return nothing;
  const readable = selectors.filter((each) => each !== undefined);
  const any = readable.length === selectors.length ? anyOf(readable) : undefined;
  if (any === undefined) return labelled(object);
  return { part: any.selector === undefined ? {} : { nodeSelector: selectorObject(any.selector) }, notes: [] };
}

/** Nodes that were not meant must not speak to the router: none does before a person says which. */
function labelled(object: Manifest): Part {
  const name = nameOf(object);
  const message = `no one selector says what these say: no node has a session with the router before it has label ${peerLabel}=${name}`;
  return {
    part: { nodeSelector: { matchLabels: { [peerLabel]: name } } },
    notes: [note(object, "spec.nodeSelectors", message)],
  };
}

/** A password itself is never printed. */
function passwordOf(object: Manifest): Part {
  const { password, passwordSecret } = fieldsOf(object.spec);
  const secret = textOf(fieldsOf(passwordSecret).name);
  if (secret !== undefined) {
    const message = `Secret ${secret} must be in namespace ${peerSecretNamespace} too, with its key password`;
    return { part: { passwordSecret: { name: secret } }, notes: [note(object, "spec.passwordSecret", message)] };
  }
  if (textOf(password) === undefined) return nothing;
  const name = nameOf(object);
  const command = `kubectl -n ${peerSecretNamespace} create secret generic ${name} --from-literal=password=…`;
  return {
    part: { passwordSecret: { name } },
    notes: [note(object, "spec.password", `becomes a Secret: ${command}`)],
  };
}

function bfdOf(object: Manifest, profiles: Profiles): Part {
  const name = textOf(fieldsOf(object.spec).bfdProfile);
  if (name === undefined) return nothing;
  const profile = profiles.get(name);
  if (profile === undefined)
    return { part: {}, notes: [note(object, "spec.bfdProfile", `there is no BFDProfile ${name}: no BFD`)] };
  const { transmitInterval, receiveInterval, detectMultiplier } = fieldsOf(profile.spec);
  const bfd: BFD = {
    ...(typeof transmitInterval === "number" && { transmit: transmitInterval }),
    ...(typeof receiveInterval === "number" && { receive: receiveInterval }),
    ...(typeof detectMultiplier === "number" && { multiplier: detectMultiplier }),
  };
  return { part: { bfd }, notes: [] };
}

/** What is off needs no note. */
function profileNotes(profile: Manifest): readonly Note[] {
  const notes = unreadFields(profile, "spec", ["transmitInterval", "receiveInterval", "detectMultiplier"]);
  const fields = fieldsOf(profile.spec);
  const echoes = fields.echoMode === true;
  return notes.filter(({ field }) => {
    const name = field.slice("spec.".length);
    return fields[name] !== false && (name !== "echoInterval" || echoes);
  });
}
