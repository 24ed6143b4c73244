/** A router that tests of BGP speak with, whosever it is: what it is told to be, and what can be seen of it. */
import { createConnection } from "node:net";
import { eventually } from "../support/eventually.ts";
import type { Host, Program } from "./speaker-world.ts";

/** The router's AS number, and Herald's. */
export const routerAsn = 64_501;
export const heraldAsn = 64_500;

/** One neighbour that a router is to have, which is Herald by one of its addresses or on one of the router's interfaces. */
export type Neighbour = {
  /** Letters, digits and underscores. */
  readonly name: string;
  readonly at:
    | { readonly address: string; readonly local: string }
    /** `linkLocal`: the address that the neighbour has there, for a router that wants to know. */
    | { readonly interface: string; readonly linkLocal: string };
  readonly families: readonly (4 | 6)[];
  /** The AS number that the router expects of Herald; absent: 64500. */
  readonly asn?: number;
  readonly password?: string;
  /** GTSM over one hop. */
  readonly ttlSecurity?: boolean;
  readonly multihop?: boolean;
  /** Whether the router keeps the routes of a Herald that restarts. */
  readonly gracefulRestart?: boolean;
  readonly bfd?: boolean;
  /** Of each family; one more ends the session. */
  readonly prefixLimit?: number;
  /** The router says that it can do nothing but IPv4, and what else it can do that is as old. */
  readonly withoutCapabilities?: boolean;
};

/** A route as the router has it, in the same words for all routers; no attribute is left out. */
export type SeenRoute = {
  readonly origin: string;
  readonly asPath: readonly number[];
  /** The first of them, if there are two. */
  readonly nextHop: string;
  readonly med?: number;
  /** 100 if the router shows none. */
  readonly localPref: number;
  /** Both halves, `64500:7`. */
  readonly communities: readonly string[];
  readonly largeCommunities: readonly string[];
};

/** Routes by prefix. */
export type SeenRoutes = Readonly<Record<string, SeenRoute>>;

/** A router. */
export type Router = {
  /** With the neighbours that it was made with. */
  start(): Promise<void>;
  /** Without a word to its neighbours. */
  kill(): Promise<void>;
  /** Everything that Herald told it, and that it took. */
  routes(): Promise<SeenRoutes>;
  /** A line for each change of a route that the router used, since its start: of the kernel's table, if the router has one. */
  changes(): readonly string[];
  /** What it says of its neighbours, for people who look for a failure. */
  describe(): Promise<string>;
};

/** What a router is made of. */
export type RouterOptions = {
  readonly host: Host;
  /** An empty folder for its files. */
  readonly folder: string;
  readonly routerId: string;
  readonly neighbours: readonly Neighbour[];
};

/** Finds a cut within 4.5 s, and nothing else on a busy machine. */
export const bfdTimes = { transmitMs: 300, receiveMs: 300, multiplier: 15 };

/** A watch over the kernel's routes, which ends with `end`. */
export async function watchRoutes(host: Host): Promise<Program> {
  const watch = host.start("bgp-daemons.ts", "--watch", "ip -o monitor route");
  await eventually("the kernel's routes are watched", () => watch.lines[0]);
  return watch;
}

/** The lines of such a watch. */
export function watchedLines({ lines }: Program): readonly string[] {
  return (lines as readonly { readonly text?: string }[]).flatMap(({ text }) => (text === undefined ? [] : [text]));
}

/** Starts daemons and waits until what they need to answer is there; one that ends at once is an error. */
export async function startDaemons(
  host: Host,
  commands: readonly string[],
  isReady: () => Promise<boolean>,
): Promise<Program> {
  const daemons = host.start("bgp-daemons.ts", ...commands);
  const ended = (): object | undefined =>
    (daemons.lines as readonly { readonly kind: string }[]).find(({ kind }) => kind === "ended");
  await eventually(
    "the router's daemons answer",
    async () => ended() !== undefined || (await isReady().catch(() => false)),
  );
  const why = ended();
  if (why === undefined) return daemons;
  await daemons.end();
  throw new Error(`a daemon of the router ended: ${JSON.stringify(why)}`);
}

/** Says something to a daemon by its Unix socket, and gives all it says until `isAll` of it, without waiting for its end. */
export function converse(path: string, request: string, isAll: (answer: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    let answer = "";
    const finish = (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(10_000, () => socket.destroy(new Error(`${path}: no answer to ${request}: ${answer}`)));
    socket.on("connect", () => socket.write(request));
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      if (isAll(answer)) finish();
    });
    socket.on("end", finish);
    socket.on("error", reject);
  });
}
