import { cut } from "./cut-text.ts";

/** A community (RFC 1997): 32 bits, the upper half commonly an AS number. */
export type Community = number;

/** A large community (RFC 8092): three numbers of 32 bits. */
export type LargeCommunity = readonly [globalAdministrator: number, localData1: number, localData2: number];

/** Asks routers to prefer every other way, because this one will end soon (RFC 8326). */
export const gracefulShutdown: Community = 0xffff_0000;

/** By the names of the IANA registry. */
const wellKnown: ReadonlyMap<string, Community> = new Map([
  ["no-export", 0xffff_ff01],
  ["no-advertise", 0xffff_ff02],
  ["no-export-subconfed", 0xffff_ff03],
  ["no-peer", 0xffff_ff04],
  ["blackhole", 0xffff_029a],
]);

const nameOf = new Map([...wellKnown].map(([name, value]) => [value, name]));

const number = "(0|[1-9][0-9]{0,9})";
const twoNumbers = new RegExp(`^${number}:${number}$`);
const threeNumbers = new RegExp(`^${number}:${number}:${number}$`);
const largest16 = 0xffff;
const largest32 = 0xffff_ffff;

/** The community of a text such as `64512:100` or `no-export`, or undefined if it is none. */
export function parseCommunity(text: string): Community | undefined {
  const named = wellKnown.get(text);
  if (named !== undefined) return named;
  const [upper, lower] = numbers(twoNumbers, text, largest16);
  return upper === undefined || lower === undefined ? undefined : upper * 0x1_0000 + lower;
}

/** The large community of a text such as `64512:1:2`, or undefined if it is none. */
export function parseLargeCommunity(text: string): LargeCommunity | undefined {
  const [global, first, second] = numbers(threeNumbers, text, largest32);
  return global === undefined || first === undefined || second === undefined ? undefined : [global, first, second];
}

function numbers(form: RegExp, text: string, largest: number): readonly number[] {
  const found = (form.exec(text)?.slice(1) ?? []).map(Number);
  return found.every((each) => each <= largest) ? found : [];
}

/** The text that `parseCommunity` reads: a well-known name, else `64512:100`. */
export function formatCommunity(community: Community): string {
  return nameOf.get(community) ?? `${Math.floor(community / 0x1_0000)}:${community % 0x1_0000}`;
}

/** The text that `parseLargeCommunity` reads. */
export function formatLargeCommunity(community: LargeCommunity): string {
  return community.join(":");
}

/** What to say of a text that is no community. */
export function notACommunity(text: string): string {
  const names = [...wellKnown.keys()].join(", ");
  return `"${cut(text, 32)}" is no community: expected two numbers up to 65535 with ":" between them, or ${names}`;
}

/** What to say of a text that is no large community. */
export function notALargeCommunity(text: string): string {
  const form = `three numbers up to ${largest32} with ":" between them`;
  return `"${cut(text, 48)}" is no large community: expected ${form}`;
}
