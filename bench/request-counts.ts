/** How often each verb was asked of each resource: `POST services`, `PATCH services/status`. */
export type RequestCounts = ReadonlyMap<string, number>;

/**
 * The requests that an API server has answered since it started, from the text of its metrics (`apiserver_request_total`);
 * watches, which are counted when they end, are left out.
 */
export function parseRequestCounts(metrics: string): RequestCounts {
  const counts = new Map<string, number>();
  for (const line of metrics.split("\n")) {
    const match = /^apiserver_request_total\{(.*)\} (\S+)$/.exec(line);
    if (match === null) continue;
    const labels = labelsOf(match[1] ?? "");
    if (labels.get("verb") === "WATCH" || !labels.get("resource")) continue;
    const subresource = labels.get("subresource");
    const name = `${labels.get("verb")} ${labels.get("resource")}${subresource ? `/${subresource}` : ""}`;
    counts.set(name, (counts.get(name) ?? 0) + Number(match[2]));
  }
  return counts;
}

function labelsOf(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]));
}

/** What was asked between two looks. */
export function requestsBetween(before: RequestCounts, after: RequestCounts): RequestCounts {
  const deltas = [...after].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const);
  return new Map(deltas.filter(([, count]) => count !== 0));
}

/** How many there were of those whose name the test accepts; without one, of all. */
export function total(counts: RequestCounts, accepts: (name: string) => boolean = () => true): number {
  return [...counts].reduce((sum, [name, count]) => (accepts(name) ? sum + count : sum), 0);
}

/** Whether a name is that of a write, to whatever object. */
export function isWrite(name: string): boolean {
  return /^(POST|PUT|PATCH|APPLY|DELETE|DELETECOLLECTION) /.test(name);
}

/** Whether a name is that of a Lease: they are renewed at rest, and counted apart. */
export function isLease(name: string): boolean {
  return name.endsWith(" leases");
}
