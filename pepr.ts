import { PeprModule } from "pepr";
import { bgpPeers } from "./capabilities/bgp-peers.ts";
import { ipPools } from "./capabilities/ip-pools.ts";
import { services } from "./capabilities/services.ts";
import manifest from "./package.json" with { type: "json" };

/** Herald's admission webhooks; `start` opens the HTTPS port. It reads TLS files, API path and log level from the environment. */
export const admission = new PeprModule(manifest, [ipPools, bgpPeers, services], { deferStart: true });
