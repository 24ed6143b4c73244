import { mkdirSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { isAbsolute, join } from "node:path";

/**
 * Keeps what Node strips and compiles in `herald` of the user's folder for caches ($XDG_CACHE_HOME, else ~/.cache), from the
 * next import on; does nothing where that folder is not there or not to be written.
 */
export function keepCompiled({ HOME = "", XDG_CACHE_HOME }: NodeJS.ProcessEnv = process.env): void {
  const caches = XDG_CACHE_HOME || join(HOME, ".cache");
  // Node itself tries for ever to make a folder in places that cannot have any, such as /proc.
  if (isAbsolute(caches) && isMade(join(caches, "herald"))) enableCompileCache(join(caches, "herald"));
}

function isMade(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EEXIST";
  }
}
