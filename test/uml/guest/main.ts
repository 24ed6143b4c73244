/** What runs inside user-mode Linux: the cases beside this file, told as lines `herald {"name": …, "failure": …}`. */
import { bondCases } from "./bond.ts";
import { openLab } from "./lab.ts";
import { strictArpCases } from "./strict-arp.ts";
import { vlanCases } from "./vlan.ts";
import { vrfCases } from "./vrf.ts";

const print = (line: object): boolean => process.stdout.write(`herald ${JSON.stringify(line)}\n`);

function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${failureText(error.cause)}`;
}

await openLab();
for (const { name, run } of [...vlanCases, ...strictArpCases, ...bondCases, ...vrfCases]) {
  const failure = await run().then(() => undefined, failureText);
  print({ name, failure });
}
print({ ended: true });
process.exit();
