import type { BgpPeer, PeerStatus } from "../api/bgp-peer.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement, AdvertisementSpec } from "../api/vip-advertisement.ts";
import type { Departure } from "../ipam/change.ts";
import { allocatedCondition } from "../ipam/outcome.ts";
import type { Logger } from "../runtime/log.ts";
import { addressText } from "./address-text.ts";
import type { Change, Claim } from "./change.ts";
import type { ControllerMetrics } from "./metrics.ts";
import type { Seen } from "./ports.ts";
import type { ServiceStatusPatch } from "./service-status.ts";

/** Logs and counts a change that was carried out: one line for each state that people ask about. */
export function journal(change: Change, log: Logger, metrics: ControllerMetrics): void {
  switch (change.kind) {
    case "allocate":
      for (const claim of change.claims) {
        if (claim.before !== undefined) released(claim.before, claim.left, log, metrics);
        assigned(claim, log, metrics);
      }
      break;
    case "release":
      released(change.advertisement, change.left, log, metrics);
      break;
    case "replaceAdvertisement":
      placed(change.advertisement, change.spec, log);
      break;
    case "writeAdvertisementStatus":
      held(change.advertisement, change.status.holder, log);
      break;
    case "writeServiceStatus":
      refused(change.service, change.patch, log, metrics);
      break;
    case "writePeerStatus":
      sessions(change.peer, change.status, log);
      break;
    case "writeServiceFields":
    case "forget":
    case "writePoolStatus":
    case "createGroup":
    case "replaceGroup":
    case "deleteGroup":
    case "writeWitness":
    case "deleteWitness":
    case "createVipNode":
    case "deleteVipNode":
      log.debug({ change: change.kind, object: change.keys[0] }, "change written");
      break;
  }
}

function assigned({ spec, before }: Claim, log: Logger, metrics: ControllerMetrics): void {
  const { services, pool, address, node } = spec;
  const known = new Set(before?.services.map(({ uid }) => uid));
  for (const { namespace, name, uid } of services) {
    if (known.has(uid)) continue;
    metrics.allocated(pool);
    log.info({ service: `${namespace}/${name}`, pool, address: addressText(address), node }, "address assigned");
  }
}

function released(
  { pool, address }: Advertisement,
  left: readonly Departure[],
  log: Logger,
  metrics: ControllerMetrics,
): void {
  for (const { member, reason } of left) {
    metrics.released(pool);
    const service = `${member.namespace}/${member.name}`;
    log.info({ service, pool, address: addressText(address), reason }, "address released");
  }
}

function placed(before: Advertisement, { address, node }: AdvertisementSpec, log: Logger): void {
  if (node === before.node) return;
  log.info({ address: addressText(address), from: before.node, node }, "address placed");
}

function held({ address, status }: Advertisement, holder: string, log: Logger): void {
  if (holder !== status.holder) log.info({ address: addressText(address), node: holder }, "holder changed");
}

function sessions(
  { name, status: before }: Seen & Pick<BgpPeer, "status">,
  { established, wanted }: PeerStatus,
  log: Logger,
): void {
  if (before.established === established && before.wanted === wanted) return;
  log.info({ peer: name, established, wanted }, "BGP sessions changed");
}

function refused(service: Service, { conditions }: ServiceStatusPatch, log: Logger, metrics: ControllerMetrics): void {
  for (const { type, status, reason, message } of conditions) {
    if (type !== allocatedCondition || status !== "False") continue;
    metrics.refused(reason);
    log.info({ service: service.key, reason, message }, "service refused");
  }
}
