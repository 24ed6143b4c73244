import type { Address } from "./address.ts";

/** fe80::/10, which means nothing without its interface. */
export function isLinkLocal({ family, value }: Address): boolean {
  return family === 6 && value >> 118n === 0x3fan;
}
