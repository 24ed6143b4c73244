import type { AttachedLab } from "./attached.ts";
import { lanPort } from "./network.ts";

/** Where the members of a group hear each other. */
export const heartbeatPort = 7474;

const prefix = "fault_";

/** Which frames the switch loses: what comes in from one host, goes out to one, or both; a part of them, if there is more. */
export type FrameRule = { readonly from?: string; readonly to?: string; readonly only?: readonly string[] };

/** Of the frames that a rule meets, those with heartbeats. */
export const heartbeats: readonly string[] = ["udp", "dport", String(heartbeatPort)];

/** Of the frames that a rule meets, so many of a hundred at random; steps of a tenth. */
export function randomly(percent: number): readonly string[] {
  return ["numgen", "random", "mod", "1000", "<", String(Math.round(percent * 10))];
}

/**
 * Makes the switch lose frames until `passFrames` with the same name; rules of that name are replaced. Broadcasts are lost
 * for each receiver apart.
 * @throws {Error} with what nft says
 */
export async function loseFrames(lab: AttachedLab, name: string, rules: readonly FrameRule[]): Promise<void> {
  const table = tableOf(name);
  const chain = ["  type filter hook forward priority 0", ...rules.map((rule) => `  ${line(rule)}`)].join("\n");
  const script = `table bridge ${table}\ndelete table bridge ${table}\ntable bridge ${table} {\n chain c {\n${chain}\n }\n}\n`;
  await nft(lab, ["-f", "-"], script);
}

/** Lets all frames pass again; a name that loses none is fine. @throws {Error} with what nft says */
export async function passFrames(lab: AttachedLab, name: string): Promise<void> {
  const table = tableOf(name);
  await nft(lab, ["-f", "-"], `table bridge ${table}\ndelete table bridge ${table}\n`);
}

/** The names under which frames are lost at present. @throws {Error} with what nft says */
export async function lossNames(lab: AttachedLab): Promise<readonly string[]> {
  const lines = (await nft(lab, ["list", "tables", "bridge"])).split("\n");
  return lines.flatMap((line) => line.match(/^table bridge fault_(\S+)/)?.[1]?.replaceAll("__", " ") ?? []);
}

function line({ from, to, only = [] }: FrameRule): string {
  const ends = [...(from ? [`iifname "${lanPort(from)}"`] : []), ...(to ? [`oifname "${lanPort(to)}"`] : [])];
  return [...ends, ...only, "drop"].join(" ");
}

/** A table's name has letters, digits, `_` and `-` only. */
const tableOf = (name: string): string => prefix + name.replaceAll(" ", "__").replaceAll(/[^\w-]/g, "-");

async function nft(lab: AttachedLab, args: readonly string[], stdin = ""): Promise<string> {
  const { code, stdout, stderr } = await lab.exec("lan", ["nft", ...args], { stdin });
  if (code !== 0) throw new Error(`nft ${args.join(" ")}: exit code ${code}: ${stderr.trim()}`);
  return stdout;
}
