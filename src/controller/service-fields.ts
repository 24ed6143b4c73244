import type { Service } from "../api/service.ts";
import { type Address, sameAddress } from "../net/address.ts";
import { addressText } from "./address-text.ts";

/** What to write into a Service's own fields; an absent key stays as it is, null removes it. */
export type ServiceFields = {
  /** `spec.loadBalancerIP` */
  readonly loadBalancerIP?: string | null;
  /** The annotation `herald.dev/allocated`. */
  readonly allocated?: string | null;
};

/** What of a Service's fields is not as it must be while it holds these addresses (ipFamilies order), or undefined. */
export function serviceFields(
  service: Service,
  held: readonly Address[],
  options: { readonly writeLoadBalancerIP: boolean },
): ServiceFields | undefined {
  const annotated = sameAddresses(service.allocated, held);
  const field = options.writeLoadBalancerIP ? loadBalancerIP(service, held) : undefined;
  if (annotated && field === undefined) return undefined;
  return {
    ...(annotated ? {} : { allocated: held.length === 0 ? null : held.map(addressText).join(",") }),
    ...(field === undefined ? {} : { loadBalancerIP: field }),
  };
}

function sameAddresses(annotated: readonly Address[] | undefined, held: readonly Address[]): boolean {
  if (annotated === undefined) return held.length === 0;
  if (annotated.length !== held.length || held.length === 0) return false;
  return held.every((address, i) => {
    const other = annotated[i];
    return other !== undefined && sameAddress(address, other);
  });
}

/** What to write into spec.loadBalancerIP, or undefined. A value that Herald did not write is somebody's request: never touched. */
function loadBalancerIP(service: Service, held: readonly Address[]): string | null | undefined {
  const [first] = held;
  const current = service.loadBalancerIP;
  if (first === undefined && current === "") return undefined;
  const wanted = first === undefined ? "" : addressText(first);
  if (current === wanted) return undefined;
  const ours = current === "" || (service.allocated ?? []).some((address) => addressText(address) === current);
  if (!ours) return undefined;
  return wanted === "" ? null : wanted;
}
