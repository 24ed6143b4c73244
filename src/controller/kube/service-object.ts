import { allocatedAnnotation } from "../../api/annotations.ts";
import type { Service } from "../../api/service.ts";
import type { ServiceFields } from "../service-fields.ts";
import type { ServiceStatusPatch } from "../service-status.ts";

/** A merge patch of a Service's own fields, guarded by uid and resourceVersion; null removes one. */
export function serviceFieldsObject(service: Service, { allocated, loadBalancerIP }: ServiceFields): object {
  const annotations = allocated === undefined ? {} : { annotations: { [allocatedAnnotation]: allocated } };
  return {
    metadata: { ...version(service), ...annotations },
    ...(loadBalancerIP === undefined ? {} : { spec: { loadBalancerIP } }),
  };
}

/** A strategic merge patch of a Service's status, guarded likewise: conditions by type, ingress as a whole. */
export function serviceStatusObject(service: Service, { ingress, conditions, removed }: ServiceStatusPatch): object {
  const changes = [...conditions, ...removed.map((type) => ({ $patch: "delete", type }))];
  const status = {
    ...(ingress === undefined ? {} : { loadBalancer: { ingress: ingress.length > 0 ? ingress : null } }),
    ...(changes.length === 0 ? {} : { conditions: changes }),
  };
  return { metadata: version(service), status };
}

function version({ uid, resourceVersion }: Service): object {
  return { uid, resourceVersion };
}
