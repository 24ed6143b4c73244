import type { Address } from "../net/address.ts";
import type { Mac } from "../net/mac.ts";
import type { Prefix } from "../net/prefix.ts";

/** An Ethernet interface of this machine that has at least one address of its own. */
export type NetworkInterface = {
  readonly name: string;
  readonly index: number;
  readonly mac: Mac;
  /** Administratively up and with carrier. */
  readonly up: boolean;
  /** The interface's own addresses with their prefix lengths, host bits kept; none of Herald's, none link-local. */
  readonly subnets: readonly Prefix[];
  /** Whether a default route of either family leaves by it. */
  readonly carriesDefaultRoute: boolean;
  /** The next hops of all routes that leave by it, link-local ones included; those of default routes first. */
  readonly gateways: readonly Address[];
};
