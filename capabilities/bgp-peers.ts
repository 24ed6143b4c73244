import { Capability } from "pepr";
import type { PeerObject } from "../src/api/bgp-peer.ts";
import { reviewPeer } from "../src/api/bgp-peer-review.ts";
import { BGPPeer } from "../src/api/generated/bgppeer-v1beta1.ts";
import { answerOwn } from "./answer.ts";
import { listPeerNodes, listPeers } from "./cluster.ts";

/** Refuses BGPPeers that cannot work, have a session that another one has, or are a selected node itself. */
export const bgpPeers = new Capability({
  name: "bgp-peers",
  description: "BGPPeers are valid, no two have the same session on a node, and none is a node that it selects",
  namespaces: [],
});

bgpPeers
  .When(BGPPeer)
  .IsCreatedOrUpdated()
  .Validate((request) =>
    answerOwn(request, "BGPPeer", async () => {
      const before = (request.OldResource ?? undefined) as PeerObject | undefined;
      const [peers, nodes] = await Promise.all([listPeers(), listPeerNodes()]);
      return reviewPeer(request.Raw as unknown as PeerObject, { before, peers, nodes });
    }),
  );
