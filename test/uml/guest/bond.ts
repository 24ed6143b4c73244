import assert from "node:assert/strict";
import { eventually } from "../../support/eventually.ts";
import type { Case } from "./case.ts";
import { announcements, answerers, ask, type Device, hold, macOf, reportsOf, resolves } from "./lab.ts";
import { shell, shellOn } from "./machine.ts";

type Place = {
  readonly vip: string;
  readonly device: string;
  readonly seenOn: Device;
  /** Of the first announcement and its four repeats; the next would be due in a minute. */
  readonly frames: number;
};

const places: readonly Place[] = [
  { vip: "10.9.0.70", device: "bond0", seenOn: "eth0", frames: 10 },
  { vip: "fd09::70", device: "bond0", seenOn: "eth0", frames: 5 },
  { vip: "10.10.0.70", device: "bond0.10", seenOn: "eth0.10", frames: 10 },
];

const portOf = { eth0: "port-b", eth1: "port-b1" } as const;

async function activeSlave(): Promise<"eth0" | "eth1" | undefined> {
  return JSON.parse(await shellOn("b", "ip -details -json link show dev bond0"))[0]?.linkinfo?.info_data?.active_slave;
}

/** Takes the active slave's carrier away, and waits until the bond has the other. */
async function failOver(): Promise<void> {
  await shell("ip -n lan link set port-b up; ip -n lan link set port-b1 up");
  const before = await eventually("an active slave", activeSlave);
  const backup = before === "eth0" ? "eth1" : "eth0";
  await eventually("the other's carrier", async () =>
    (await shellOn("b", `ip link show dev ${backup}`)).includes("LOWER_UP") ? true : undefined,
  );
  await shell(`ip -n lan link set ${portOf[before]} down`);
  await eventually("the other slave", async () => ((await activeSlave()) === backup ? true : undefined));
}

async function stays(): Promise<void> {
  for (const { vip, device } of places) await hold("b", vip, device);
  await failOver();
  const asker = await ask("eth0", "10.9.0.70");
  await eventually("an answer", () => answerers("eth0", "10.9.0.70", asker).length > 0 || undefined);
  for (const { vip, seenOn } of places) await resolves(seenOn, vip, await macOf("b", "bond0"));
  for (const { vip } of places) assert.deepEqual(reportsOf("b", vip), ["announced"]);
}

async function isAnnouncedAgain(): Promise<void> {
  const count = ({ vip, seenOn }: Place): number => announcements(seenOn, vip);
  const all = (enough: (place: Place) => boolean) => (): true | undefined => places.every(enough) || undefined;
  await eventually(
    "the first announcements",
    all((place) => count(place) >= place.frames),
  );
  const before = new Map(places.map((place) => [place, count(place)]));
  await failOver();
  const added = (place: Place): number => count(place) - (before.get(place) ?? 0);
  await eventually(
    "announcements on the other slave",
    all((place) => added(place) >= place.frames),
  );
}

/** Node "b" holds addresses on bond0 and in a VLAN above it, and the active slave loses its carrier. */
export const bondCases: readonly Case[] = [
  { name: "bond: the addresses stay, and are answered for on the other slave", run: stays },
  {
    name: "bond: they are announced again on the other slave, so that switches learn the way",
    run: isAnnouncedAgain,
  },
];
