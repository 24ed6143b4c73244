import { Capability, kind } from "pepr";
import type { ServiceObject } from "../src/api/service.ts";
import { reviewService } from "../src/api/service-review.ts";
import { answer } from "./answer.ts";
import { recentPoolNames } from "./cluster.ts";

/** Refuses Services whose Herald annotations cannot be understood. */
export const services = new Capability({
  name: "services",
  description: "What Services ask of Herald can be understood",
  namespaces: [],
});

services
  .When(kind.Service)
  .IsCreatedOrUpdated()
  .Validate((request) =>
    answer(request, async () => reviewService(request.Raw as unknown as ServiceObject, await recentPoolNames())),
  );
