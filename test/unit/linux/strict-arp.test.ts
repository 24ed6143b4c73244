import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { type ArpSettings, looseArp } from "../../../src/announce/strict-arp.ts";
import { readArpSettings } from "../../../src/linux/strict-arp.ts";

const folder = mkdtempSync(join(tmpdir(), "herald-arp-"));
after(() => rmSync(folder, { recursive: true }));

let count = 0;

/** A folder like /proc/sys/net/ipv4/conf with these interfaces: `[arp_ignore, arp_announce]`. */
function conf(interfaces: Readonly<Record<string, readonly [ignore: number, announce: number]>>): string {
  const root = join(folder, String(count++));
  for (const [name, [ignore, announce]] of Object.entries(interfaces)) {
    mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, name, "arp_ignore"), `${ignore}\n`);
    writeFileSync(join(root, name, "arp_announce"), `${announce}\n`);
  }
  return root;
}

type Values = readonly [ignore: number, announce: number];

const rows: readonly {
  readonly name: string;
  readonly all: Values;
  readonly eth0: Values;
  readonly ipvs?: boolean;
  readonly off: boolean;
}[] = [
  { name: "kube-proxy with strictARP", all: [1, 2], eth0: [0, 0], off: false },
  { name: "kube-proxy without strictARP", all: [0, 0], eth0: [0, 0], off: true },
  { name: "no kube-ipvs0", all: [0, 0], eth0: [0, 0], ipvs: false, off: false },
  { name: "set on the interface instead", all: [0, 0], eth0: [1, 2], off: false },
  { name: "one here, one there", all: [1, 0], eth0: [0, 2], off: false },
  { name: "only arp_ignore", all: [1, 0], eth0: [0, 0], off: true },
  { name: "only arp_announce", all: [0, 2], eth0: [0, 0], off: true },
  { name: "arp_announce 1, which may still use the address", all: [1, 1], eth0: [0, 0], off: true },
  { name: "arp_ignore 2, which is stricter", all: [2, 2], eth0: [0, 0], off: false },
  { name: "arp_ignore 3, which leaves out scope host alone", all: [1, 2], eth0: [3, 0], off: true },
  { name: "arp_ignore 4 to 7, which are reserved and mean 0", all: [1, 2], eth0: [5, 0], off: true },
  { name: "arp_ignore 8, which answers nothing", all: [8, 2], eth0: [0, 0], off: false },
  { name: "the interface's greater value before that of all", all: [1, 2], eth0: [8, 2], off: false },
];

describe("strict ARP is off, or not", () => {
  for (const { name, all, eth0, ipvs = true, off } of rows)
    it(`${name}: ${off ? "off" : "not off"}`, () => {
      const root = conf({ all, eth0, ...(ipvs && { "kube-ipvs0": [0, 0] }) });
      assert.equal(looseArp(readArpSettings(["eth0"], root))?.reason, off ? "StrictARPOff" : undefined);
    });
});

describe("what is read", () => {
  it("is what is in force on each interface, in the order asked for", () => {
    const root = conf({ all: [1, 0], eth0: [0, 2], "eth0.10": [2, 1], "kube-ipvs0": [0, 0] });
    assert.deepEqual(readArpSettings(["eth0.10", "eth0"], root), {
      ipvs: true,
      interfaces: [
        { interface: "eth0.10", ignore: 2, announce: 1 },
        { interface: "eth0", ignore: 1, announce: 2 },
      ],
    });
  });

  it("leaves out an interface that is gone", () => {
    const root = conf({ all: [0, 0], "kube-ipvs0": [0, 0] });
    assert.deepEqual(readArpSettings(["eth7"], root), { ipvs: true, interfaces: [] });
  });

  it("fails if there is kube-ipvs0 and nothing can be read, for that is no strict ARP", () => {
    const root = conf({ "kube-ipvs0": [0, 0], eth0: [1, 2] });
    assert.throws(() => readArpSettings(["eth0"], root), /read ARP settings/);
  });
});

describe("the message", () => {
  const settings = (count: number): ArpSettings => ({
    ipvs: true,
    interfaces: Array.from({ length: count }, (_, i) => ({ interface: `eth${i}`, ignore: 0, announce: 1 })),
  });

  it("names the interface, the sysctls, their values and the option that sets them", () => {
    const message = looseArp(settings(1))?.message ?? "";
    for (const part of ["kube-ipvs0", "on eth0 arp_ignore is 0 and arp_announce 1", "ipvs.strictARP: true"])
      assert.ok(message.includes(part), part);
    for (const sysctl of ["net.ipv4.conf.all.arp_ignore=1", "net.ipv4.conf.all.arp_announce=2"])
      assert.ok(message.includes(sysctl), sysctl);
  });

  it("stays below the 1,024 characters of a condition, whatever the number of interfaces", () => {
    const message = looseArp(settings(128))?.message ?? "";
    assert.match(message, /eth3 .*; 124 more interfaces;/);
    assert.ok(message.length <= 1024);
  });
});
