import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A folder of the node alone for what must outlive the process, but not the machine. */
export type StateFolder = {
  /** What was last written under the name; undefined if there is nothing that is JSON. */
  read(name: string): unknown;
  /** Replaces it, whole or not at all. Returns once a process that starts later would read it. */
  write(name: string, value: unknown): void;
  remove(name: string): void;
};

/**
 * Opens the folder, and makes it (mode 0700) if it is not there. `onProblem` is told once each time that another thing goes
 * wrong; what cannot be written is removed, so that nobody reads what has been overtaken.
 */
export function openStateFolder(path: string, onProblem: (message: string) => void): StateFolder {
  let told = "";
  const attempt = (what: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      const message = `${what}: ${error instanceof Error ? error.message : error}`;
      if (message !== told) onProblem(message);
      told = message;
    }
  };
  attempt("make the state folder", () => {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
  });
  const fileOf = (name: string): string => join(path, `${name}.json`);
  const remove = (name: string): void => attempt(`remove ${name}`, () => rmSync(fileOf(name), { force: true }));
  return {
    read: (name) => readJson(fileOf(name)),
    write: (name, value) => {
      let written = false;
      attempt(`store ${name}`, () => {
        const fresh = join(path, `.${name}.new`);
        writeFileSync(fresh, JSON.stringify(value), { mode: 0o600 });
        renameSync(fresh, fileOf(name));
        written = true;
      });
      if (!written) remove(name);
    },
    remove,
  };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
