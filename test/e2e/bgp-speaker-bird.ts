/** BIRD 2 in a host of a world, as the router that a speaker tells its routes. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { Host } from "./speaker-world.ts";

/** A route in BIRD's table: its BGP attributes as BIRD prints them, and when it last changed, in ms (BIRD's own error: 1 ms). */
export type BirdRoute = { readonly sinceMs: number; readonly attributes: Readonly<Record<string, string>> };

/** A router that runs. */
export type Bird = {
  /** What it printed to a command. */
  ask(command: string): Promise<string>;
  /** Its routes by prefix. */
  routes(): Promise<Readonly<Record<string, BirdRoute>>>;
  stop(): Promise<void>;
};

/** Starts it with what its one BGP protocol, `herald`, says besides its quick timers. */
export async function startBird(host: Host, protocol: string, more = ""): Promise<Bird> {
  const folder = await mkdtemp(`${tmpdir()}/herald-bird-`);
  const socket = `${folder}/ctl`;
  await writeFile(
    `${folder}/bird.conf`,
    `log "${folder}/log" all;
router id 10.9.0.2;
timeformat route iso long ms;
protocol device { scan time 1; }
${more}
protocol bgp herald {
  connect delay time 1; connect retry time 1; error wait time 1, 2; startup hold time 30;
  ipv4 { import all; export none; };
  ipv6 { import all; export none; };
  ${protocol}
}
`,
  );
  await host.run(`bird -c ${folder}/bird.conf -s ${socket} -P ${folder}/pid`);
  const ask = (command: string): Promise<string> => host.run(`birdc -s ${socket} ${command}`);
  return {
    ask,
    routes: async () => readRoutes(await ask("show route all")),
    stop: async () => {
      await ask("down");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function readRoutes(printed: string): Readonly<Record<string, BirdRoute>> {
  const routes: Record<string, { sinceMs: number; attributes: Record<string, string> }> = {};
  let route: (typeof routes)[string] | undefined;
  for (const line of printed.split("\n")) {
    const [, prefix, since] = /^(\S+\/\d+)\s.*\[herald (\S+ \S+?)[\] ]/.exec(line) ?? [];
    if (prefix !== undefined && since !== undefined) {
      route = { sinceMs: Date.parse(since), attributes: {} };
      routes[prefix] = route;
    }
    const [, name, value] = /^\s+BGP\.(\S+): (.*)$/.exec(line) ?? [];
    if (route !== undefined && name !== undefined && value !== undefined) route.attributes[name] = value;
  }
  return routes;
}
