import { gracefulRestartCapability } from "./graceful-restart.ts";
import type { Capabilities, Open } from "./message.ts";
import type { SessionSettings } from "./session-settings.ts";

/** How an OPEN is to differ: from a side that counts as just restarted; `bare`: to a peer that knows no capabilities. */
export type OpenVariant = { readonly restarting: boolean; readonly bare: boolean };

const noCapabilities: Capabilities = {
  families: [],
  routeRefresh: false,
  fourOctetAs: false,
  extendedMessage: false,
  extendedNextHop: false,
  other: [],
};

/** The OPEN of this side. */
export function ownOpen(settings: SessionSettings, { restarting, bare }: OpenVariant): Open {
  const { localAsn, holdTimeSeconds, routerId } = settings;
  const capabilities = bare ? noCapabilities : ownCapabilities(settings, restarting);
  return { kind: "open", asn: localAsn, holdTimeSeconds, routerId, capabilities };
}

function ownCapabilities(settings: SessionSettings, restarting: boolean): Capabilities {
  const { families } = settings;
  const gracefulRestart = gracefulRestartCapability(settings, restarting);
  return {
    families,
    routeRefresh: true,
    fourOctetAs: true,
    extendedMessage: true,
    extendedNextHop: families.includes(4),
    other: [],
    ...(gracefulRestart && { gracefulRestart }),
  };
}
