/** The interface on which kube-proxy in IPVS mode puts the addresses of all Services, on every node. */
export const ipvsInterface = "kube-ipvs0";

/** The condition of a VIPNode, and the reason why its node may announce nothing, when `looseArp` says so. */
export const strictArpOff = "StrictARPOff";

/**
 * How the kernel treats ARP on an interface: `net.ipv4.conf.*.arp_ignore` and `arp_announce`, of which the greater of the
 * interface's value and that of `all` counts.
 */
export type InterfaceArp = { readonly interface: string; readonly ignore: number; readonly announce: number };

/** The interfaces that are looked at, and whether the node has `kube-ipvs0`. */
export type ArpSettings = { readonly ipvs: boolean; readonly interfaces: readonly InterfaceArp[] };

/** An expected "no": the node's kernel speaks for addresses that another node holds. */
export type LooseArp = { readonly reason: typeof strictArpOff; readonly message: string };

/**
 * Values of arp_ignore by which the kernel leaves out what is on `kube-ipvs0`: 1 and 2 answer for addresses of the asked
 * interface alone, 8 for none. 3 does not: it leaves out addresses of scope host, and these are of scope global.
 */
const strictIgnore: ReadonlySet<number> = new Set([1, 2, 8]);

/** The value of arp_announce by which a question about a neighbour is never asked in the name of `kube-ipvs0`'s address. */
const STRICT_ANNOUNCE = 2;

const namedInMessage = 4;

/**
 * Why the node would answer for addresses that another one holds, or ask in their name: it has `kube-ipvs0`, and an
 * interface of a LAN without strict ARP. Undefined if it would not. The message fits into a condition.
 */
export function looseArp({ ipvs, interfaces }: ArpSettings): LooseArp | undefined {
  if (!ipvs) return undefined;
  const loose = interfaces.filter(({ ignore, announce }) => !strictIgnore.has(ignore) || announce < STRICT_ANNOUNCE);
  if (loose.length === 0) return undefined;
  const settings = loose.slice(0, namedInMessage).map(settingOf);
  if (loose.length > namedInMessage) settings.push(`${loose.length - namedInMessage} more interfaces`);
  return {
    reason: strictArpOff,
    message:
      `the kernel answers ARP for the addresses of ${ipvsInterface}: ${settings.join("; ")}; wanted are ` +
      "net.ipv4.conf.all.arp_ignore=1 and net.ipv4.conf.all.arp_announce=2, which kube-proxy sets with ipvs.strictARP: true (--ipvs-strict-arp)",
  };
}

function settingOf({ interface: name, ignore, announce }: InterfaceArp): string {
  return `on ${name} arp_ignore is ${ignore} and arp_announce ${announce}`;
}
