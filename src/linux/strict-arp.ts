import { existsSync, readFileSync } from "node:fs";
import type { NetlinkSocket } from "./netlink-socket.ts";
import { encodeArpSettings, messageType } from "./rtnetlink.ts";

/** The kernel's settings of IPv4 on its interfaces: a folder an interface, and `all`. */
const confFolder = "/proc/sys/net/ipv4/conf";

/** The interface on which kube-proxy in IPVS mode puts the addresses of all Services; mostly down, which hinders nothing. */
const IPVS_INTERFACE = "kube-ipvs0";

/** As `announce/strict-arp.ts` wants it: values in force, and whether there is `kube-ipvs0`. */
export type ArpSettings = {
  readonly ipvs: boolean;
  readonly interfaces: readonly { readonly interface: string; readonly ignore: number; readonly announce: number }[];
};

/**
 * The ARP settings of the interfaces of these names, in this network namespace, in the order given; one that does not exist
 * (any more) is left out. To be read when the interfaces change and each 10 s, because the kernel tells nobody of a changed
 * sysctl; it takes some 20 µs an interface. `folder` is another place of the settings, for tests.
 * @throws {Error} if the settings of `all` cannot be read
 */
export function readArpSettings(names: readonly string[], folder = confFolder): ArpSettings {
  if (!existsSync(`${folder}/${IPVS_INTERFACE}`)) return { ipvs: false, interfaces: [] };
  const all = settingsOf(folder, "all");
  if (all === undefined) throw new Error(`read ARP settings: no ${folder}/all`);
  const interfaces = names.flatMap((name) => {
    const own = settingsOf(folder, name);
    if (own === undefined) return [];
    const [ignore, announce] = [Math.max(all.ignore, own.ignore), Math.max(all.announce, own.announce)];
    return [{ interface: name, ignore, announce }];
  });
  return { ipvs: true, interfaces };
}

type Interface = { readonly name: string; readonly index: number };

/** Values of arp_ignore by which an interface answers for none of the addresses of others; of arp_announce the least. */
const strictIgnore: ReadonlySet<number> = new Set([1, 2, 8]);
const STRICT_ANNOUNCE = 2;

/**
 * Makes sure that an interface answers ARP for none of the addresses that are on others, such as lo, and asks in the name of none.
 * What is strict already is left as it is; what was set stays when this process ends. Gives why it could not, in words, or
 * undefined, also if the interface is gone. It takes some 40 µs.
 */
export function makeArpStrict(netlink: NetlinkSocket, { name, index }: Interface): string | undefined {
  const [all, own] = [settingsOf(confFolder, "all"), settingsOf(confFolder, name)];
  if (all === undefined || own === undefined) return undefined;
  const ignore = strictIgnore.has(Math.max(all.ignore, own.ignore)) ? own.ignore : 1;
  const announce = Math.max(all.announce, own.announce) >= STRICT_ANNOUNCE ? own.announce : STRICT_ANNOUNCE;
  if (!strictIgnore.has(Math.max(all.ignore, ignore)))
    return `net.ipv4.conf.all.arp_ignore is ${all.ignore}, wanted is 1`;
  if (ignore === own.ignore && announce === own.announce) return undefined;
  const [errno] = netlink.apply([
    { type: messageType.setLink, flags: 0, payload: encodeArpSettings(index, { ignore, announce }) },
  ]);
  if (errno === undefined || errno === "ENODEV") return undefined;
  return `set arp_ignore=${ignore} and arp_announce=${announce} on ${name}: ${errno}${errno === "EPERM" ? " (needs CAP_NET_ADMIN)" : ""}`;
}

/** Undefined if there is no such interface. */
function settingsOf(folder: string, name: string): { readonly ignore: number; readonly announce: number } | undefined {
  const read = (file: string): number => Number(readFileSync(`${folder}/${name}/${file}`, "utf8"));
  try {
    return { ignore: read("arp_ignore"), announce: read("arp_announce") };
  } catch (cause) {
    if (isAbsence(cause)) return undefined;
    throw new Error(`read ARP settings of ${name}`, { cause });
  }
}

function isAbsence(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
