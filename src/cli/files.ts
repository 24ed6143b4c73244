import { promises as files } from "node:fs";
import { join } from "node:path";
import { causeText } from "../kube/cause-text.ts";
import type { Terminal } from "./terminal.ts";

/** A file that was named, or found in a folder that was; `-` is standard input. */
export type SourceFile = { readonly path: string; readonly text: string };

const manifestName = /\.(ya?ml|json)$/i;

/**
 * The texts behind `-f`: files, folders (their .yaml, .yml and .json files, those of folders in them too, by name), or `-`.
 * @throws {Error} if one cannot be read, or a folder holds no manifest
 */
export async function readSources(paths: readonly string[], terminal: Terminal): Promise<readonly SourceFile[]> {
  const sources: SourceFile[] = [];
  for (const path of paths) {
    if (path === "-") sources.push({ path: "<stdin>", text: await terminal.stdin() });
    else sources.push(...(await sourcesAt(path)));
  }
  return sources;
}

async function sourcesAt(path: string): Promise<readonly SourceFile[]> {
  const found = (await stat(path)).isDirectory() ? await manifestsIn(path) : [path];
  if (found.length === 0) throw new Error(`read ${path}: no .yaml, .yml or .json file in it`);
  return Promise.all(found.map(async (file) => ({ path: file, text: await contents(file) })));
}

async function stat(path: string): ReturnType<typeof files.stat> {
  try {
    return await files.stat(path);
  } catch (cause) {
    throw new Error(`read ${path}: ${causeText(cause)}`, { cause });
  }
}

async function contents(path: string): Promise<string> {
  try {
    return await files.readFile(path, "utf8");
  } catch (cause) {
    throw new Error(`read ${path}: ${causeText(cause)}`, { cause });
  }
}

async function manifestsIn(folder: string): Promise<readonly string[]> {
  const entries = await files.readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && manifestName.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
