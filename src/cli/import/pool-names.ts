import type { ImportedPool, Note } from "./imported.ts";

const longestName = 63;
const allowed = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/** A name that an object can have, as near to the text as possible; never empty. */
export function objectNameFrom(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^-a-z0-9.]+/g, "-")
    .slice(0, longestName)
    .replace(/^[-.]+|[-.]+$/g, "");
  return name === "" ? "pool" : name;
}

/** The pools with names that differ: of two with one name the later gets a number, and a note says so. */
export function namedApart(pools: readonly ImportedPool[]): {
  readonly pools: readonly ImportedPool[];
  readonly notes: readonly Note[];
} {
  const taken = new Set<string>();
  const notes: Note[] = [];
  const apart = pools.map((pool) => {
    const name = freeName(allowed.test(pool.name) ? pool.name : objectNameFrom(pool.name), taken);
    taken.add(name);
    const message = "is not the name that it had: Services that ask for the pool by name must ask for this one";
    if (name !== pool.name)
      notes.push({ object: `pool ${pool.name}`, field: "metadata.name", message: `${name} ${message}` });
    return { ...pool, name };
  });
  return { pools: apart, notes };
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let number = 2, free = name; ; number++) {
    if (!taken.has(free)) return free;
    free = `${name.slice(0, longestName - 4)}-${number}`;
  }
}
