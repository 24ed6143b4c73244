import { openPacketSocket } from "../linux/packet-socket.ts";
import { listenTcp } from "../linux/tcp-listener.ts";
import { connectTcp } from "../linux/tcp-socket.ts";
import { openUdpReceiver } from "../linux/udp-receiver.ts";
import { openUdpSource } from "../linux/udp-source.ts";
import type { BgpPorts } from "./bgp-ports.ts";
import { BgpSpeaker } from "./bgp-speaker.ts";
import type { Counters } from "./counters.ts";
import { machineMs } from "./machine-clock.ts";

/** What the engine gives to BGP. */
export type BgpSurroundings = Pick<BgpPorts, "port" | "network" | "isVirtual" | "wake" | "report" | "trouble"> & {
  readonly counters: Counters;
};

/** BGP on this thread's clock and the host's sockets; none is open until a peer is wished for. */
export function openBgp({ counters, ...surroundings }: BgpSurroundings): BgpSpeaker {
  const now = (): number => performance.now();
  const { random } = Math;
  return new BgpSpeaker({
    ...surroundings,
    connect: connectTcp,
    listen: listenTcp,
    openRouterSocket: openPacketSocket,
    random,
    now,
    machineOffsetMs: machineMs() - now(),
    bfd: {
      openReceiver: openUdpReceiver,
      openSource: openUdpSource,
      random,
      now,
      wake: surroundings.wake,
      malformed: () => {
        counters.malformedFrames++;
      },
      sendFailed: () => {
        counters.sendFailures++;
      },
    },
  });
}
