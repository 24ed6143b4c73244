import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "..");
const generator = fileURLToPath(import.meta.resolve("kubernetes-fluent-client")).replace(/index\.js$/, "cli.js");

/**
 * Makes what the fluent client generates fit for Node's type stripping and true to JSON: enums become unions, times are
 * text, fields are only declared, and what GenericKind already has (metadata) is not loosened to anything.
 */
function repaired(source: string, required: boolean): string {
  return `${source
    .replace(/export enum (\w+) \{([^}]*)\}/g, (_, name: string, members: string) => {
      const values = [...members.matchAll(/= ("[^"]*")/g)].map(([, value]) => value);
      return `export type ${name} = ${values.join(" | ")};`;
    })
    .replace(/ {2}\/\/ eslint-disable.*\n {2}declare metadata\?.*\n/, "")
    .replace(/^ {2}spec\?:/m, required ? "  declare spec:" : "  declare spec?:")
    .replace(/^ {2}status\?:/m, "  declare status?:")
    .replace(/: Date;/g, ": string;")
    .trimEnd()}\n`;
}

/** Writes the types of every CRD of Herald's own group into a folder, one file a kind and version. */
async function generateTypes(out: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "herald-types-"));
  try {
    await Promise.all(readdirSync(join(root, "crds")).map((file) => generateKind(join(root, "crds", file), work, out)));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function generateKind(crd: string, work: string, out: string): Promise<void> {
  const text = readFileSync(crd, "utf8");
  if (!text.includes("group: herald.dev")) return;
  const folder = mkdtempSync(join(work, "kind-"));
  await promisify(execFile)(process.execPath, [generator, "crd", crd, folder]);
  mkdirSync(out, { recursive: true });
  const specRequired = /^ {10}required: \[spec\]$/m.test(text);
  for (const file of readdirSync(folder)) {
    writeFileSync(join(out, file), repaired(readFileSync(join(folder, file), "utf8"), specRequired));
  }
}

await generateTypes(process.argv[2] ?? join(root, "src/api/generated"));
