import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { emptyNetworkState, type NetworkState } from "../../../src/linux/interfaces.ts";
import type { TcpPeer } from "../../../src/linux/tcp-listener.ts";
import { BgpListeners } from "../../../src/speaker/bgp-listeners.ts";
import type { BgpListenOptions } from "../../../src/speaker/bgp-ports.ts";
import { address } from "../../support/builders.ts";

/** Ports, which refuse their peers with `refusal`; `calls`: which were opened and closed. */
function world() {
  const state: { refusal?: string | undefined; options?: BgpListenOptions } = {};
  const calls: string[] = [];
  let network: NetworkState = emptyNetworkState;
  const listen = async (options: BgpListenOptions) => {
    const name = `IPv${options.local.address.family} ${options.device}`;
    state.options = options;
    calls.push(`open ${name}`);
    return {
      setPeers: (peers: readonly TcpPeer[]) => {
        calls.push(`let ${peers.length} in to ${name}`);
        if (state.refusal !== undefined) throw new Error(state.refusal);
      },
      close: () => void calls.push(`close ${name}`),
    };
  };
  const ports = { listen, port: 179, now: () => 0, wake: () => {}, network: () => network };
  const listeners = new BgpListeners(ports, () => {});
  const want = async (...texts: readonly string[]): Promise<string> => {
    listeners.setCallers(texts.map((text) => ({ address: address(text) })));
    await nextTurn();
    return listeners.problems();
  };
  /** The devices that there are, by their indexes; gives what was done after that. */
  const have = async (devices: Readonly<Record<string, number>>): Promise<readonly string[]> => {
    const links = Object.entries(devices).map(([name, index]) => ({ ...link, name, index }));
    network = { ...emptyNetworkState, links };
    calls.length = 0;
    listeners.networkChanged();
    await nextTurn();
    return calls;
  };
  return { state, listeners, want, have };
}

const link = { ethernet: false, loopback: false, up: true, mac: new Uint8Array(6) };

it("Given peers that cannot be let in, Then why, until they can", async () => {
  const { state, listeners, want } = world();
  state.refusal = "set password for 10.9.0.2: out of memory";
  assert.equal(await want("10.9.0.2"), state.refusal);
  assert.equal(listeners.problem({ family: 4 }), state.refusal);
  state.refusal = undefined;
  assert.equal(await want("10.9.0.2", "10.9.0.3"), "");
});

it("Given a connection that could not be accepted, Then why, also if other peers are let in meanwhile", async () => {
  const { state, want } = world();
  await want("10.9.0.2");
  state.options?.onError(new Error("accept on 0.0.0.0 port 179: EMFILE"));
  assert.equal(await want("10.9.0.2", "10.9.0.3"), "accept on 0.0.0.0 port 179: EMFILE");
});

describe("the listener of a VRF", () => {
  const inVrf = ["10.9.0.2", "10.9.0.3"].map((text) => ({ address: address(text), vrf: "blue" }));

  it("Given a device that was made anew, Then it is opened anew on that, for the same peers; that of no VRF stays open", async () => {
    const { listeners, have } = world();
    await have({ blue: 7, eth0: 2 });
    listeners.setCallers([...inVrf, { address: address("10.9.0.4") }]);
    await nextTurn();
    const done = await have({ blue: 8, eth0: 2 });
    assert.deepEqual(
      done.filter((call) => call.includes("blue")),
      ["close IPv4 blue", "open IPv4 blue", "let 2 in to IPv4 blue"],
    );
    assert.deepEqual(
      done.filter((call) => call.includes("undefined")),
      ["let 1 in to IPv4 undefined"],
    );
    assert.equal(listeners.problem({ family: 4, vrf: "blue" }), undefined);
  });

  it("Given another device that comes, goes or is made anew, Then it is left as it is", async () => {
    const { listeners, have } = world();
    await have({ blue: 7 });
    listeners.setCallers(inVrf);
    await nextTurn();
    for (const devices of [{ blue: 7, red: 8 }, { blue: 7, red: 9 }, { blue: 7 }])
      assert.deepEqual(await have(devices), []);
  });

  it("Given a problem on the device that was there, Then it says nothing of the new one", async () => {
    const { state, listeners, have } = world();
    await have({ blue: 7 });
    listeners.setCallers(inVrf);
    await nextTurn();
    state.options?.onError(new Error("accept: EMFILE"));
    assert.equal(listeners.problem({ family: 4, vrf: "blue" }), "accept: EMFILE");
    await have({ blue: 8 });
    assert.deepEqual([listeners.problem({ family: 4, vrf: "blue" }), listeners.problems()], [undefined, ""]);
  });
});
