import type { Service } from "../../api/service.ts";
import type { Advertisement } from "../../api/vip-advertisement.ts";
import { formatAddress, notAnAddress, parseAddress, sameAddress } from "../../net/address.ts";
import type { RouteRow } from "../bgp/route-row.ts";
import { withCluster } from "../cluster.ts";
import { clusterSnapshot, controllerFlags, snapshotOptions } from "../cluster-snapshot.ts";
import { type CliOption, type Command, type Given, textGiven, UsageError } from "../command.ts";
import { yamlText } from "../output.ts";
import type { Terminal } from "../terminal.ts";
import type { AddressReport } from "./address-report.ts";
import type { Ownership } from "./ownership.ts";
import type { Situation } from "./report.ts";
import type { ServiceReport } from "./service-report.ts";

const options: readonly CliOption[] = [
  {
    name: "output",
    short: "o",
    value: "FORMAT",
    choices: ["text", "json", "yaml"],
    default: "text",
    help: "how to print the explanation",
  },
  { name: "namespace", short: "n", value: "NAME", help: "namespace of the Service; default: that of the context" },
];

/** `herald explain`. */
export const explainCommand: Command = {
  description:
    "Say why a Service has the addresses that it has or none, in the words of its condition, and what each pool said; or who holds an address, since when, who may have it, which nodes vote on it and by which rule one of them answers, or which nodes tell which routers of it.",
  arguments: [
    { name: "kind", help: "what to explain", choices: ["service", "address"] },
    { name: "name", help: "NAMESPACE/NAME or NAME of the Service, or the address" },
  ],
  options: [...options, ...snapshotOptions],
  examples: [
    { line: "herald explain service shop/web", does: "why shop/web has its address, or waits for one" },
    { line: "herald explain service -n shop web -o json", does: "the same for programs" },
    {
      line: "herald explain address 203.0.113.7",
      does: "who holds it, since when, which node answers and why, who may have it",
    },
  ],
  exitCodes: { 0: "explained, whatever the answer" },
  run: async ({ args: [kind = [], name = []], given, terminal }) => {
    const print = printing(textGiven(given, "output"), terminal);
    const [text = ""] = name;
    await (kind[0] === "address" ? explainedAddress(text, given, print) : explainedService(text, given, print));
    return 0;
  },
};

/** Prints a report as it is, or as text for people. */
type Print = <Report>(report: Report, text: (report: Report, terminal: Terminal) => void) => Promise<void>;

function printing(format: string | undefined, terminal: Terminal): Print {
  return async (report, text) => {
    if (format === "json") terminal.out(`${JSON.stringify(report, undefined, 2)}\n`);
    else if (format === "yaml") terminal.out(await yamlText(report));
    else text(report, terminal);
  };
}

async function explainedService(name: string, given: Given, print: Print): Promise<void> {
  const keyIn = serviceKey(name, textGiven(given, "namespace"));
  const { situation, namespace } = await readSituation(given);
  const [{ serviceReport }, { printService }] = await Promise.all([
    import("./service-report.ts"),
    import("./service-text.ts"),
  ]);
  const report: ServiceReport = serviceReport(serviceOf(keyIn(namespace), situation), situation);
  await print(report, printService);
}

/**
 * `namespace/name` of what was typed, once it is known in which namespace the context is.
 * @throws {UsageError} if that is none, or names two namespaces
 */
export function serviceKey(typed: string, namespace: string | undefined): (ofContext: string) => string {
  const [first = "", second, ...more] = typed.split("/");
  if (second === undefined && first !== "") return (ofContext) => `${namespace ?? ofContext}/${first}`;
  if (first === "" || second === "" || more.length > 0)
    throw new UsageError(`"${typed}" is no Service: expected NAMESPACE/NAME, or NAME with --namespace`);
  if (namespace !== undefined && namespace !== first)
    throw new UsageError(`"${typed}" is not in namespace ${namespace}`);
  return () => typed;
}

function serviceOf(key: string, { now }: Situation): Service {
  const service = now.services.find((each) => each.key === key);
  if (service === undefined) throw new Error(`there is no Service ${key}`);
  return service;
}

async function explainedAddress(text: string, given: Given, print: Print): Promise<void> {
  const address = parseAddress(text);
  if (address === undefined) throw new UsageError(notAnAddress(text));
  const { situation } = await readSituation(given);
  const held = situation.now.advertisements.find(
    (each) => sameAddress(each.address, address) && each.services.length > 0,
  );
  const [{ addressReport }, { printAddress }, ownership, routes] = await Promise.all([
    import("./address-report.ts"),
    import("./address-text.ts"),
    readOwnership(held, given),
    readRoutes(held, given),
  ]);
  const report: AddressReport = {
    ...addressReport(address, situation),
    ...(ownership && { ownership }),
    ...(routes && { routes }),
  };
  await print(report, printAddress);
}

/** Only of an address that a Service holds on a LAN: nobody votes on others. */
async function readOwnership(held: Advertisement | undefined, given: Given): Promise<Ownership | undefined> {
  if (held?.announcement.arp === undefined) return undefined;
  const [{ ownershipOf }, { readNodeField }] = await Promise.all([
    import("./ownership.ts"),
    import("../node-field.ts"),
  ]);
  const services = held.trafficPolicy === "Local" ? held.services : [];
  return withCluster(given, async (cluster) => ownershipOf(held, await readNodeField(cluster, services, Date.now())));
}

/** Only of an address that is announced by BGP. */
async function readRoutes(held: Advertisement | undefined, given: Given): Promise<readonly RouteRow[] | undefined> {
  if (held?.announcement.bgp === undefined) return undefined;
  const [{ readBgpObjects }, { bgpFieldOf }, { routeRows }] = await Promise.all([
    import("../bgp/bgp-objects.ts"),
    import("../bgp/bgp-field.ts"),
    import("../bgp/route-row.ts"),
  ]);
  const field = bgpFieldOf(await withCluster(given, readBgpObjects), Date.now());
  const text = formatAddress(held.address);
  return routeRows(field).filter(({ addresses }) => addresses.includes(text));
}

type ReadSituation = { readonly situation: Situation; readonly namespace: string };

async function readSituation(given: Given): Promise<ReadSituation> {
  const { situationOf } = await import("./report.ts");
  const { namespace, ...read } = await clusterSnapshot(given, Date.now());
  return { situation: situationOf(read, controllerFlags(given)), namespace };
}
