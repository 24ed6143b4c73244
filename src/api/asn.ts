import { cut } from "./cut-text.ts";

const largest = 4_294_967_294;

/** AS numbers that are nobody's, and what they are for. */
const reserved: ReadonlyMap<number, string> = new Map([
  [23_456, "AS_TRANS (RFC 6793)"],
  [65_535, "reserved (RFC 7300)"],
  [4_294_967_295, "reserved (RFC 7300)"],
]);

/** What is wrong with a number as an AS number of 32 bits (RFC 6793), or undefined if somebody may have it. */
export function asnProblem(asn: number): string | undefined {
  const purpose = reserved.get(asn);
  if (purpose !== undefined) return `${asn} is ${purpose}, nobody has it`;
  if (Number.isInteger(asn) && asn >= 1 && asn <= largest) return undefined;
  return `${asn} is no AS number: expected 1 to ${largest}`;
}

const digits = /^(0|[1-9][0-9]{0,9})$/;

/** The AS number of a text of decimal digits, or what is wrong with it. */
export function parseAsn(text: string): { readonly asn: number } | { readonly problem: string } {
  const problem = digits.test(text) ? asnProblem(Number(text)) : `"${cut(text, 32)}" is no AS number`;
  return problem === undefined ? { asn: Number(text) } : { problem };
}
