import { formatAddress, notAnAddress, objectName, parseAddress } from "../../net/address.ts";
import { clusterOptions, withCluster } from "../cluster.ts";
import { type Command, type Given, textGiven, UsageError } from "../command.ts";
import { outputOption, printList } from "../output.ts";
import type { Terminal } from "../terminal.ts";
import type { BgpField, BgpObjects } from "./bgp-field.ts";

/** `herald bgp`. */
export const bgpCommand: Command = {
  description: [
    "peers: list the sessions of the nodes with routers, with what is wrong with those that are not established, and how many prefixes each router was told.",
    "routes: list what each node tells each router, with the attributes, and for each address that it does not tell why. Both are worked out as the agents do, and compared with what these said last.",
  ].join(" "),
  arguments: [
    { name: "what", help: "what to list", choices: ["peers", "routes"] },
    { name: "name", help: "peers: only these BGPPeers; routes: only these addresses", optional: true, many: true },
  ],
  options: [
    { name: "node", value: "NODE", many: true, help: "only these nodes" },
    { name: "peer", value: "PEER", many: true, help: "only these BGPPeers" },
    outputOption,
    ...clusterOptions,
  ],
  examples: [
    { line: "herald bgp peers", does: "every session: its state and since when, BFD, how many prefixes were told" },
    { line: "herald bgp peers tor-a -o wide", does: "one router, with AS numbers, conditions and last NOTIFICATION" },
    { line: "herald bgp routes --node node1", does: "what node1 tells which router, and what it does not, and why" },
    { line: "herald bgp routes 203.0.113.7", does: "which node tells whom of one address, and why others do not" },
  ],
  run: async ({ args: [what = [], names = []], given, terminal }) => {
    await (what[0] === "routes" ? listRoutes(names, given, terminal) : listPeers(names, given, terminal));
    return 0;
  },
};

type Situation = { readonly objects: BgpObjects; readonly field: BgpField };

async function readField(given: Given): Promise<Situation> {
  const [{ readBgpObjects }, { bgpFieldOf }] = await Promise.all([
    import("./bgp-objects.ts"),
    import("./bgp-field.ts"),
  ]);
  const objects = await withCluster(given, readBgpObjects);
  const field = bgpFieldOf(objects, Date.now());
  mustBeKnown("node", given.get("node") ?? [], new Set(field.nodes.map(({ name }) => name)));
  return { objects, field };
}

function mustBeKnown(kind: string, names: readonly string[], known: ReadonlySet<string>): void {
  const missing = names.filter((name) => !known.has(name));
  if (missing.length > 0) throw new Error(`there is no ${kind} ${missing.join(", ")}`);
}

/** Whether an option without values, or one that names it, lets it through. */
function isWanted(wanted: readonly string[] | undefined, name: string): boolean {
  return wanted === undefined || wanted.length === 0 || wanted.includes(name);
}

async function listPeers(names: readonly string[], given: Given, terminal: Terminal): Promise<void> {
  const [{ objects, field }, { peerRows }, { peerListing }] = await Promise.all([
    readField(given),
    import("./peer-row.ts"),
    import("./listing.ts"),
  ]);
  const rows = peerRows(objects.peers, field);
  const wanted = [...names, ...(given.get("peer") ?? [])];
  mustBeKnown("BGPPeer", wanted, new Set(rows.map(({ peer }) => peer)));
  const shown = rows.filter(({ peer, node }) => isWanted(given.get("node"), node) && isWanted(wanted, peer));
  await printList(shown, peerListing(Date.now()), textGiven(given, "output"), terminal);
}

async function listRoutes(texts: readonly string[], given: Given, terminal: Terminal): Promise<void> {
  const asked = texts.map(askedAddress);
  const [{ objects, field }, { routeRows }, { routeListing }] = await Promise.all([
    readField(given),
    import("./route-row.ts"),
    import("./listing.ts"),
  ]);
  for (const address of asked) mustBeRouted(address, objects, field);
  const peers = given.get("peer") ?? [];
  const known = [...field.peers, ...field.nodes.flatMap(({ own }) => own)];
  mustBeKnown("BGPPeer", peers, new Set(known.map(({ name }) => name)));
  const shown = routeRows(field).filter(
    ({ node, peer, addresses }) =>
      isWanted(given.get("node"), node) &&
      (peer === "" || isWanted(peers, peer)) &&
      (asked.length === 0 || addresses.some((address) => asked.includes(address))),
  );
  await printList(shown, routeListing, textGiven(given, "output"), terminal);
}

/** In canonical text. @throws {UsageError} if it is none */
function askedAddress(text: string): string {
  const address = parseAddress(text);
  if (address === undefined) throw new UsageError(notAnAddress(text));
  return formatAddress(address);
}

/** @throws {Error} that says why an address has no routes at all */
function mustBeRouted(text: string, { advertisements }: BgpObjects, { vips }: BgpField): void {
  if (vips.some(({ address }) => formatAddress(address) === text)) return;
  const address = parseAddress(text);
  const claim = advertisements.find(({ metadata }) => address !== undefined && metadata.name === objectName(address));
  const isHeld = (claim?.spec.services ?? []).length > 0;
  throw new Error(
    `${text} is not announced by BGP: ${isHeld ? "its pool has no announcement.bgp" : "nobody holds it"}`,
  );
}
