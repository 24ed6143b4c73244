import { clusterOptions, withCluster } from "../cluster.ts";
import { type Call, type CliOption, type Command, isOn, textGiven, UsageError } from "../command.ts";
import { readSources } from "../files.ts";
import { fieldsOf, type Manifest, nameOf, namespaceOf } from "../manifest.ts";
import type { Imported, Note } from "./imported.ts";
import type { LiveObjects } from "./live.ts";
import { type System, systems } from "./systems.ts";
import { command, importedText, noteLine, peerManifest, poolManifest } from "./text.ts";

const options: readonly CliOption[] = [
  { name: "filename", short: "f", value: "FILE", many: true, help: "files, folders or - for standard input" },
  { name: "live", help: "read the cluster's objects instead" },
  {
    name: "config-map",
    value: "NAMESPACE/NAME",
    many: true,
    help: "ConfigMaps that hold the configuration, where they have not their usual name",
  },
  {
    name: "output",
    short: "o",
    value: "FORMAT",
    choices: ["yaml", "json"],
    default: "yaml",
    help: "yaml: for kubectl apply, with comments; json: {pools, peers, annotations, notes}",
  },
];

/** `herald import`. */
export const importCommand: Command = {
  description:
    "Print Herald's IPPools, and BGPPeers, for the configuration of another system, with the annotations that Services need. What could not be carried over is said in comments and on standard error, with object and field. Nothing is written to the cluster.",
  arguments: [{ name: "system", help: "where the configuration comes from", choices: systems.map(({ name }) => name) }],
  options: [...options, ...clusterOptions],
  examples: [
    {
      line: "herald import metallb --live > pools.yaml",
      does: "read the cluster; Services that share addresses are found too",
    },
    { line: "herald import kube-vip -f configmap.yaml", does: "read a file" },
    {
      line: "kubectl get svc,ciliumloadbalancerippools -A -o yaml | herald import cilium -f -",
      does: "read what another program prints",
    },
  ],
  run: async (call) => {
    const system = systems.find(({ name }) => name === call.args[0]?.[0]);
    if (system === undefined) throw new UsageError("no such system");
    const { objects, notes } = await sourceObjects(call, system);
    const imported = await withReview((await system.load())(objects), notes);
    for (const each of imported.notes) call.terminal.err(`${noteLine(each)}\n`);
    if (imported.pools.length + (imported.peers ?? []).length === 0)
      throw new Error(`import ${system.name}: no pool found among ${objects.length} objects`);
    call.terminal.out(await printed(imported, system, textGiven(call.given, "output")));
    return 0;
  },
};

/** First what was found out about the objects, last what Herald says of the pools. */
async function withReview(imported: Imported, before: readonly Note[]): Promise<Imported> {
  const [{ reviewImported }, { loadSchemas }] = await Promise.all([
    import("./review.ts"),
    import("../validate/schema.ts"),
  ]);
  return { ...imported, notes: [...before, ...imported.notes, ...reviewImported(imported, await loadSchemas())] };
}

async function printed(imported: Imported, system: System, format: string | undefined): Promise<string> {
  if (format !== "json") return importedText(imported, system.name);
  const { pools, peers = [], annotations, notes } = imported;
  const commands = annotations.map((each) => ({ ...each, command: command(each) }));
  const objects = { pools: pools.map(poolManifest), peers: peers.map(peerManifest) };
  return `${JSON.stringify({ ...objects, annotations: commands, notes }, undefined, 2)}\n`;
}

async function sourceObjects({ given, terminal }: Call, system: System): Promise<LiveObjects> {
  const paths = given.get("filename") ?? [];
  const named = given.get("config-map") ?? [];
  const live = isOn(given, "live");
  if (live === paths.length > 0) throw new UsageError("give either -f FILE or --live");
  if (live) return readLive(given, system, named);
  const { objectsIn, readDocuments } = await import("../yaml-documents.ts");
  const sources = await readSources(paths, terminal);
  const objects = sources.flatMap(({ path, text }) => {
    const { documents, problems } = readDocuments(text);
    const [problem] = problems;
    if (problem !== undefined) throw new Error(`read ${path}:${problem.line}:${problem.column}: ${problem.message}`);
    return documents.flatMap(({ value }) => objectsIn(value).map((each) => fieldsOf(each.value) as Manifest));
  });
  return { objects: objects.filter((each) => isWanted(each, named)), notes: [] };
}

async function readLive(given: Call["given"], system: System, named: readonly string[]): Promise<LiveObjects> {
  const { liveObjects } = await import("./live.ts");
  return withCluster(given, (cluster) => liveObjects(cluster, system, named.length > 0 ? named : system.configMaps));
}

/** Where ConfigMaps are named, only those count. */
function isWanted(object: Manifest, named: readonly string[]): boolean {
  if (object.kind !== "ConfigMap" || named.length === 0) return true;
  return named.includes(`${namespaceOf(object)}/${nameOf(object)}`);
}
