import { type ClusterObjects, readCluster } from "../../controller/cluster-objects.ts";
import { forecast } from "../../controller/forecast.ts";
import type { Connection } from "../../kube/connection.ts";
import { withClient } from "../cluster-client.ts";
import { controllerFlags } from "../cluster-snapshot.ts";
import { type Given, isOn, textGiven, UsageError } from "../command.ts";
import { readSources, type SourceFile } from "../files.ts";
import { printable, type Terminal } from "../terminal.ts";
import { type Finding, findingLine } from "../validate/finding.ts";
import { type DryRun, dryRun } from "./dry-run.ts";
import type { ObjectRef } from "./edit.ts";
import { editedObjects } from "./edited-objects.ts";
import { namedObject, readManifests, type WrittenPut } from "./manifest-files.ts";
import { type Report, reportOf } from "./report.ts";
import { refusedDeletions, refusedPools } from "./review.ts";

/** Reads files and cluster and works out the report; undefined if something is wrong, which is then said on standard error. */
export async function forecastOf(given: Given, terminal: Terminal): Promise<Report | undefined> {
  const paths = given.get("filename") ?? [];
  const words = given.get("delete") ?? [];
  if (paths.length + words.length === 0) throw new UsageError("nothing to plan: give -f FILE, or --delete KIND/NAME");
  const sources = await readSources(paths, terminal);
  const wrong = await invalid(sources);
  if (wrong.length > 0) return complain(wrong, terminal);
  if (isOn(given, "offline")) {
    if (isOn(given, "server")) throw new UsageError("--offline asks no cluster, so it does not go with --server");
    return reported({ given, terminal, sources, objects: emptyCluster, namespace: "default" });
  }
  return withClient(given, async ({ client, connection }) => {
    const { listCluster } = await import("../../controller/kube/list-cluster.ts");
    const objects = await listCluster(client);
    return reported({ given, terminal, sources, objects, namespace: connection.namespace ?? "default", connection });
  });
}

const emptyCluster: ClusterObjects = {
  services: [],
  pools: [],
  advertisements: [],
  namespaces: [],
  nodes: [],
  vipNodes: [],
  serviceNetworks: [],
  apiServers: [],
};

async function invalid(sources: readonly SourceFile[]): Promise<readonly Finding[]> {
  const [{ loadSchemas }, { validate }] = await Promise.all([
    import("../validate/schema.ts"),
    import("../validate/validate.ts"),
  ]);
  return validate(sources, await loadSchemas()).findings.filter(({ severity }) => severity === "error");
}

function complain(findings: readonly Finding[], { err, colour }: Terminal): undefined {
  for (const finding of findings) err(`${findingLine(finding, colour)}\n`);
}

/** Everything that a report is made from. */
type Question = {
  readonly given: Given;
  readonly terminal: Terminal;
  readonly sources: readonly SourceFile[];
  readonly objects: ClusterObjects;
  /** Of Services that name none, unless an option says another. */
  readonly namespace: string;
  /** Absent: there is no cluster. */
  readonly connection?: Connection;
};

async function reported(question: Question): Promise<Report | undefined> {
  const { given, terminal, sources, objects } = question;
  const namespace = textGiven(given, "namespace") ?? question.namespace;
  const { puts, skipped } = readManifests(sources, namespace);
  if (skipped.size > 0)
    terminal.err(`skipped: ${[...skipped].map(([kind, n]) => `${n} ${printable(kind)}`).join(", ")}\n`);
  const deletions = (given.get("delete") ?? []).map((word) => deletion(word, namespace));
  const completed = await completedPuts(puts, question);
  if (completed === undefined) return undefined;
  const edit = { puts: completed, deletions };
  const nowMs = Date.now();
  const after = editedObjects(objects, edit, nowMs);
  const refused = refusedDeletions(deletions, objects);
  for (const each of refused) terminal.err(`${printable(each)}\n`);
  const overlapping = refusedPools(completed, objects, after);
  complain(overlapping, terminal);
  if (refused.length + overlapping.length > 0) return undefined;
  return reportOf(compared(question, after, nowMs));
}

function deletion(word: string, namespace: string): ObjectRef {
  const ref = namedObject(word, namespace);
  if (ref === undefined)
    throw new UsageError(`--delete ${word}: expected ippool/NAME, namespace/NAME or service/NAMESPACE/NAME`);
  return ref;
}

function compared(
  { given, terminal, objects }: Question,
  edited: ClusterObjects,
  nowMs: number,
): ReturnType<typeof forecast> {
  const flags = controllerFlags(given);
  const before = readCluster(objects, flags, nowMs);
  const after = readCluster(edited, flags, nowMs);
  for (const [object, problems] of before.problems)
    terminal.err(`${printable(object)} cannot be read and does not count: ${printable(problems[0]?.message ?? "")}\n`);
  return forecast(before.snapshot, after.snapshot, flags);
}

/** With `--server` what the API server makes of each object; undefined if it refuses one. */
async function completedPuts(
  puts: readonly WrittenPut[],
  { given, terminal, objects, connection }: Question,
): Promise<readonly WrittenPut[] | undefined> {
  if (!isOn(given, "server") || connection === undefined) return puts;
  const fieldManager = textGiven(given, "field-manager") ?? "kubectl";
  const options = { fieldManager, force: isOn(given, "force-conflicts") };
  const stored = new Set(["", ...objects.namespaces.map(({ metadata }) => metadata.name)]);
  const answers = await Promise.all(
    // The server knows nothing of a namespace that a dry run made.
    puts.map((put) => (stored.has(put.namespace) ? dryRun(put, connection, options) : put)),
  );
  const completed = answers.filter((answer): answer is WrittenPut => !("refused" in answer));
  if (completed.length === puts.length) return completed;
  for (const answer of answers) if ("refused" in answer) terminal.err(`${refusalLine(answer)}\n`);
  return undefined;
}

function refusalLine({ refused: { file, placeOf }, message }: Extract<DryRun, { refused: WrittenPut }>): string {
  const { line, column } = placeOf([]);
  return `${printable(file)}:${line}:${column}: ${printable(message)}`;
}
