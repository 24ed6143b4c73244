/**
 * `make demo`: from nothing to an address that survives the node that holds it. Ends with 0 if all that it shows came true.
 * With --keep the lab stays up until it is interrupted.
 */
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Lab, startLab } from "../lab/lab.ts";
import { eventually } from "../support/eventually.ts";
import { type Narrator, narrator } from "./narrator.ts";

const repository = join(import.meta.dirname, "..", "..");
const samples = ["samples/ippool.yaml", "samples/backend.yaml", "samples/service.yaml"];
const applied = samples.flatMap((file) => ["-f", file]);

type Advertisement = {
  readonly spec: { readonly address: string; readonly services?: readonly object[] };
  readonly status?: { readonly holder?: string };
};

async function advertisements(lab: Lab): Promise<readonly Advertisement[]> {
  const list = await lab.kubectl(["get", "vipadvertisements", "-o", "json"]);
  return (JSON.parse(list) as { items: readonly Advertisement[] }).items;
}

async function externalAddress(lab: Lab, service: string): Promise<string> {
  const path = "jsonpath={.status.loadBalancer.ingress[0].ip}";
  return eventually(
    `${service} has an address`,
    async () => (await lab.kubectl(["get", "service", service, "-o", path])) || undefined,
  );
}

/** How many IPv4 addresses the sample pool says it has given; it counts once a second. */
function allocated(lab: Lab): Promise<string> {
  const path = "jsonpath={.status.addresses.ipv4.allocated}";
  return lab.kubectl(["get", "ippools.herald.dev", "lan", "-o", path]);
}

async function holderOf(lab: Lab, address: string, not = ""): Promise<string> {
  return eventually(`another node than "${not}" holds ${address}`, async () => {
    const holder = (await advertisements(lab)).find(({ spec }) => spec.address === address)?.status?.holder;
    return holder && holder !== not ? holder : undefined;
  });
}

async function anAddressFromAPool(lab: Lab, tell: Narrator): Promise<string> {
  tell.chapter("A cluster without a cloud: three nodes on a LAN");
  await tell.kubectl("get", "nodes");
  tell.chapter("The addresses that Herald may give, something to serve, and a Service that wants an address");
  await tell.kubectl("apply", ...applied);
  await tell.kubectl("rollout", "status", "deployment/web");
  const address = await externalAddress(lab, "web");
  await eventually("the pool has counted it", async () => (await allocated(lab)) === "1" || undefined);
  tell.chapter("The Service has its EXTERNAL-IP, and the cluster knows who announces it");
  await tell.kubectl("get", "service", "web");
  await tell.kubectl("get", "ippools.herald.dev,vipadvertisements,vipnodes");
  tell.chapter("A client on the LAN reaches it, by the node that answers ARP for it");
  await tell.on("client", "curl", "-sS", "-m", "2", `http://${address}/`);
  await tell.on("client", "ip", "neighbour", "show", address);
  return address;
}

async function aNodeDies(lab: Lab, tell: Narrator, address: string): Promise<void> {
  const first = await holderOf(lab, address);
  tell.chapter(`${first}, which holds the address, loses power`);
  await Promise.all([lab.killAgent(first), lab.cut(first, "both")]);
  const since = performance.now();
  const second = await holderOf(lab, address, first);
  tell.print(
    `(${second} answers; its status says so ${((performance.now() - since) / 1000).toFixed(1)} s after the loss)`,
  );
  await tell.on("client", "curl", "-sS", "-m", "2", `http://${address}/`);
  await tell.kubectl("get", "vipadvertisements");
  await tell.on("client", "ip", "neighbour", "show", address);
  await lab.heal(first);
  await lab.restart(`agent-${first}`);
  tell.print(`(${first} is repaired and takes nothing back)`);
}

async function oneTooMany(lab: Lab, tell: Narrator): Promise<void> {
  tell.chapter("One address too many: the Service waits, and says why");
  const free = await lab.kubectl(["get", "ippools.herald.dev", "lan", "-o", "jsonpath={.status.addresses.ipv4.free}"]);
  const count = Number(free.split("/")[0]);
  for (let i = 1; i <= count; i++) await lab.kubectl(["create", "service", "loadbalancer", `more-${i}`, "--tcp=80"]);
  for (let i = 1; i <= count; i++) await externalAddress(lab, `more-${i}`);
  await tell.kubectl("create", "service", "loadbalancer", "too-many", "--tcp=80");
  const condition = `--for=condition=herald.dev/Allocated=false`;
  await tell.kubectl("wait", condition, "--timeout=30s", "service/too-many");
  await tell.kubectl("get", "service", "too-many");
  const message = `jsonpath={.status.conditions[?(@.type=="herald.dev/Allocated")].reason}: {.status.conditions[?(@.type=="herald.dev/Allocated")].message}`;
  await tell.kubectl("get", "service", "too-many", "-o", message);
  await eventually(
    "an event says so",
    async () =>
      (await lab.kubectl(["get", "events", "--field-selector", "involvedObject.name=too-many"])).includes("too-many") ||
      undefined,
  );
  await tell.kubectl("get", "events", "--field-selector", "involvedObject.name=too-many");
}

async function cleanUp(lab: Lab, tell: Narrator): Promise<void> {
  tell.chapter("Everything is given back");
  await lab.kubectl([
    "delete",
    "services",
    "-l",
    "app!=web,component!=apiserver",
    "--field-selector",
    "metadata.name!=web",
  ]);
  await tell.kubectl("delete", "-f", "samples/service.yaml", "-f", "samples/backend.yaml");
  const isHeld = ({ spec }: Advertisement): boolean => (spec.services ?? []).length > 0;
  await eventually("nobody holds an address", async () => !(await advertisements(lab)).some(isHeld) || undefined);
  await eventually("the pool is free", async () => (await allocated(lab)) === "0" || undefined);
  await tell.kubectl("get", "ippools.herald.dev,vipadvertisements");
  await tell.kubectl("delete", "-f", "samples/ippool.yaml");
}

async function keep(lab: Lab, tell: Narrator): Promise<void> {
  tell.chapter("The lab stays up until Ctrl-C; try, in another shell");
  tell.print(`export KUBECONFIG=${await lab.kubeconfig("admin")}`);
  tell.print("kubectl apply -f samples/ && kubectl get service --watch");
  tell.print(`npm run lab -- exec --dir ${lab.dir} client -- curl http://192.168.50.200/`);
  tell.print(`npm run lab -- cut --dir ${lab.dir} node1`);
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM"), lab.ended]);
}

const { values } = parseArgs({ options: { keep: { type: "boolean", default: false } } });
const lab = await startLab({ nodes: 3, report: (line) => process.stdout.write(`${line}\n`) });
try {
  const tell = narrator(lab, repository);
  const address = await anAddressFromAPool(lab, tell);
  await aNodeDies(lab, tell, address);
  await oneTooMany(lab, tell);
  await cleanUp(lab, tell);
  if (values.keep) await keep(lab, tell);
} finally {
  await lab.stop();
}
process.stdout.write("\nThat was Herald. README.md says how to use it in your cluster.\n");
