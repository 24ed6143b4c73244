type Fields = Readonly<Record<string, unknown>>;

/** JSON merge patch (RFC 7386). */
export function mergePatched(before: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const merged: Record<string, unknown> = isFields(before) ? { ...before } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatched(merged[name], value);
  }
  return merged;
}

/** Lists that a strategic merge patch of a built-in kind merges, by the key of their elements. */
const mergeKeys: Readonly<Record<string, string>> = { conditions: "type" };

/** Strategic merge patch, as far as Services need it: `conditions` merges by type, other lists are replaced. */
export function strategicPatched(before: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const merged: Record<string, unknown> = isFields(before) ? { ...before } : {};
  for (const [name, value] of Object.entries(patch)) {
    const key = mergeKeys[name];
    if (value === null) delete merged[name];
    else if (key !== undefined && Array.isArray(value)) merged[name] = mergedList(merged[name], value, key);
    else merged[name] = strategicPatched(merged[name], value);
  }
  return merged;
}

function mergedList(before: unknown, patches: readonly Fields[], key: string): readonly unknown[] {
  const merged: Fields[] = Array.isArray(before) ? [...(before as Fields[])] : [];
  for (const { $patch, ...patch } of patches) {
    const at = merged.findIndex((each) => each[key] === patch[key]);
    if ($patch === "delete") merged.splice(at, at < 0 ? 0 : 1);
    else if (at < 0) merged.push(patch);
    else merged[at] = { ...merged[at], ...patch };
  }
  return merged;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
