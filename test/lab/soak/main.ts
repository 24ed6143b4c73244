/**
 * `npm run soak -- --minutes N [--nodes 3] [--seed N]`: breaks and mends a lab at random for so long, and says what went
 * wrong. Ends with 1 if something did. A seed gives the same faults again, not the same moment for each of them.
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { Random } from "../../simulation/random.ts";
import { inject, mendAll } from "../faults.ts";
import { openSite, type Site, settled, untilGrouped } from "../site.ts";
import { watchFrames } from "../watch.ts";
import { type Round, randomRound, roundText, type Stroke } from "./rounds.ts";
import { type Verdict, verdict } from "./verdict.ts";

type Options = {
  readonly minutes: string;
  readonly nodes: string;
  readonly services: string;
  readonly seed: string;
};

const program = new Command("soak")
  .description("breaks and mends a lab at random, and looks on who answers")
  .option("--minutes <n>", "for how long", "10")
  .option("--nodes <n>", "2 to 7", "3")
  .option("--services <n>", "how many addresses", "12")
  .option("--seed <n>", "of the faults", String(Date.now() % 1_000_000))
  .action(soak);

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function soak({ minutes, nodes, services, seed }: Options): Promise<void> {
  say(`seed ${seed}, ${nodes} nodes, ${services} addresses, ${minutes} minutes`);
  const random = new Random(Number(seed));
  const site = await openSite({ nodes: Number(nodes), services: Number(services) });
  const verdicts: Verdict[] = [];
  try {
    for (const endMs = performance.now() + Number(minutes) * 60_000; performance.now() < endMs; ) {
      const round = randomRound(
        site.lab.nodes.map(({ name }) => name),
        random,
      );
      const found = await run(site, round, verdicts.length + 1);
      verdicts.push(found);
      // What does not come to rest is no ground for another round, but one for a look at the logs.
      if (!found.settled) break;
    }
  } finally {
    await site.lab.stop();
  }
  summarise(verdicts);
}

function summarise(verdicts: readonly Verdict[]): void {
  const broken = verdicts.filter((each) => each.broken.length > 0).length;
  const doubleMs = Math.max(0, ...verdicts.map((each) => each.doubleMs));
  const moves = verdicts.reduce((sum, each) => sum + each.moves, 0);
  const twice = `two answered for at most ${doubleMs.toFixed(0)} ms`;
  say(`${verdicts.length} rounds, ${moves} moves, ${twice}, ${broken} rounds broken`);
  process.exitCode = broken > 0 ? 1 : 0;
}

async function run(site: Site, round: Round, number: number): Promise<Verdict> {
  const frames = await watchFrames(site.lab, site.addresses);
  try {
    const before = await settled(site, frames);
    const begun = frames.seen().length;
    await Promise.all(round.strokes.map((stroke) => strike(site, stroke)));
    await mendAll(site.lab);
    const after = await untilGrouped(site)
      .then(() => settled(site, frames))
      .catch(unrest);
    const nodes = site.lab.nodes.length;
    const found = verdict(round, { answers: frames.seen().slice(begun), before, after, nodes });
    const time = new Date().toISOString().slice(11, 19);
    say(`${number} ${time}: ${roundText(round)}: ${found.moves} moves, two for ${found.doubleMs.toFixed(0)} ms`);
    for (const line of found.broken) say(`   BROKEN ${line}`);
    if (found.broken.length > 0) say(`   logs and objects: ${await keep(site)}`);
    return found;
  } finally {
    frames.stop();
  }
}

/** Says why the cluster did not come to rest. */
function unrest(cause: unknown): undefined {
  say(`   ${cause instanceof Error ? [cause.message, cause.cause].join(": ") : cause}`);
}

/** Keeps the logs and what the cluster looks like, and gives the folder. */
async function keep({ cluster, lab }: Site): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "herald-soak-"));
  for (const { name } of lab.nodes) writeFileSync(join(folder, `agent-${name}.log`), lab.logs(`agent-${name}`));
  writeFileSync(join(folder, "controller.log"), lab.logs("controller"));
  for (const kind of ["vipgroups", "vipnodes", "vipadvertisements"])
    writeFileSync(join(folder, `${kind}.json`), JSON.stringify(await cluster.get(kind), undefined, 2));
  return folder;
}

async function strike({ lab }: Site, { words: [name = "", ...words], fromMs, toMs }: Stroke): Promise<void> {
  await sleep(fromMs);
  const mend = await inject(lab, name, ...words);
  await sleep(toMs - fromMs);
  await mend();
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
