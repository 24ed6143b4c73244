/** An Ethernet address: 6 bytes. */
export type Mac = Uint8Array;

/** `02:00:5e:10:00:07`, lower case. */
export function formatMac(mac: Mac): string {
  return [...mac].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** The address that six hexadecimal pairs with `:` between them mean, or undefined. */
export function parseMac(text: string): Mac | undefined {
  if (!/^[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}$/.test(text)) return undefined;
  return Uint8Array.from(text.split(":"), (pair) => Number.parseInt(pair, 16));
}

/** Whether it names a group of stations, or all, and so can be nobody's own (IEEE 802.3, 3.2.3). */
export function isGroupMac(mac: Mac): boolean {
  return ((mac[0] ?? 1) & 1) === 1;
}
