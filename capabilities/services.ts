import { Capability, kind } from "pepr";
import { answerService } from "./answer.ts";
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
  .Validate((request) => answerService(request, recentPoolNames));
