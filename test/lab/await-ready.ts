/** `node await-ready.ts URL`: ends, with 0, as soon as a GET of the URL gives a status below 300; asks every 50 ms. */
import { setTimeout as sleep } from "node:timers/promises";

const url = process.argv[2] ?? "";
const isReady = (): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
while (!(await isReady())) await sleep(50);
