import { bfdStates, type RoutedSite } from "./routed-site.ts";

/** Since when each session and each path is up, as the router has it: whatever was lost meanwhile is younger. */
export async function pathsSince({ bird }: RoutedSite): Promise<readonly string[]> {
  const sessions = (await bird.ask("show protocols")).split("\n").filter((line) => /\sBGP\s/.test(line));
  const paths = [...((await bfdStates(bird)) ?? [])].map(([address, state]) => `${address} ${state}`);
  return [...sessions.map((line) => line.replaceAll(/\s+/g, " ").trim()), ...paths].sort();
}

/** How often each announcer lost its session, by its own count: `node1 0`. */
export async function flapsOf({ lab, announcers }: RoutedSite): Promise<readonly string[]> {
  return Promise.all(
    announcers.map(async ({ name }) => {
      const { stdout } = await lab.exec(name, ["curl", "-s", "http://127.0.0.1:7473/metrics"]);
      const line = stdout.split("\n").find((each) => each.startsWith("herald_bgp_session_flaps_total{")) ?? "none";
      return `${name} ${line.slice(line.lastIndexOf(" ") + 1)}`;
    }),
  );
}
