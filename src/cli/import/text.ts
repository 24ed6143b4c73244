import { yamlText } from "../output.ts";
import { printable } from "../terminal.ts";
import type { Imported, ImportedPeer, ImportedPool, Note, ServiceAnnotations } from "./imported.ts";

/** The IPPool to create. */
export function poolManifest({ name, spec }: ImportedPool): object {
  return { apiVersion: "herald.dev/v1beta1", kind: "IPPool", metadata: { name }, spec };
}

/** The BGPPeer to create. */
export function peerManifest({ name, labels, spec }: ImportedPeer): object {
  return { apiVersion: "herald.dev/v1beta1", kind: "BGPPeer", metadata: { name, labels }, spec };
}

/** What was imported as YAML for `kubectl apply`; what a person must know or do besides stands in comments before and after it. */
export async function importedText(imported: Imported, system: string): Promise<string> {
  const { pools, peers = [], annotations, notes } = imported;
  const documents = await Promise.all([...pools.map(poolManifest), ...peers.map(peerManifest)].map(yamlText));
  const before = [`Made from the configuration of ${system}.`, ...notesSection(notes)];
  const after = annotations.length === 0 ? [] : ["", "Services that need annotations:", ...annotations.map(command)];
  return [comment(before), ...documents.map((document) => `---\n${document}`), comment(after)].join("");
}

function notesSection(notes: readonly Note[]): readonly string[] {
  const section = (heading: string, lines: readonly Note[]): readonly string[] =>
    lines.length === 0 ? [] : [heading, ...lines.map((each) => `  ${noteLine(each)}`)];
  return [
    ...section("Herald refuses these as they stand, correct them first:", notes.filter(isRefused)),
    ...section(
      "Not as before:",
      notes.filter((each) => !isRefused(each)),
    ),
  ];
}

function isRefused({ refused }: Note): boolean {
  return refused === true;
}

/** `Kind namespace/name: field: what it means`, one line. */
export function noteLine({ object, field, message }: Note): string {
  return printable(`${object}: ${field}: ${message}`);
}

/** The command that annotates a Service. */
export function command({ namespace, name, annotations }: ServiceAnnotations): string {
  const pairs = Object.entries(annotations).map(([key, value]) => quoted(`${key}=${value}`));
  return printable(`kubectl annotate service -n ${quoted(namespace)} ${quoted(name)} ${pairs.join(" ")}`);
}

/** For a POSIX shell; plain words stay as they are. */
function quoted(word: string): string {
  return /^[-\w./=,:@]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** What came from elsewhere must not end a comment: each line is one, and printable has taken out what else breaks lines. */
function comment(lines: readonly string[]): string {
  return lines.map((line) => `${`# ${line}`.trimEnd()}\n`).join("");
}
