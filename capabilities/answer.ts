import type { KubernetesObject } from "kubernetes-fluent-client";
import type { PeprValidateRequest } from "pepr";
import type { Review } from "../src/api/pool-review.ts";
import { formatProblems } from "../src/api/problem.ts";
import type { ServiceObject } from "../src/api/service.ts";
import { reviewService } from "../src/api/service-review.ts";

type Answer = ReturnType<PeprValidateRequest<KubernetesObject>["Approve"]>;

/** Invalid, as the API server's own validation answers. */
const unprocessable = 422;

/** The API server could not be asked. */
const unavailable = 503;

/** Refuses an object of Herald's with every problem at once, else approves it with each warning; if the review fails, refuses and says why. */
export async function answerOwn<T extends KubernetesObject>(
  request: PeprValidateRequest<T>,
  kind: "IPPool" | "BGPPeer",
  review: () => Promise<Review>,
): Promise<Answer> {
  try {
    return said(request, await review());
  } catch (error) {
    return request.Deny(`review ${kind}: ${reasonOf(error)}`, unavailable);
  }
}

/**
 * Refuses a Service with every problem of its annotations at once, else approves it with each warning. No failure refuses one:
 * if the pools' names cannot be read, there is no warning of an unknown pool; if anything else fails, it is approved as it is.
 */
export async function answerService<T extends KubernetesObject>(
  request: PeprValidateRequest<T>,
  poolNames: () => Promise<ReadonlySet<string>>,
): Promise<Answer> {
  const known = await poolNames().catch(() => undefined);
  try {
    const review = reviewService(request.Raw as unknown as ServiceObject, known ?? new Set());
    return said(request, known === undefined ? { ...review, warnings: [] } : review);
  } catch {
    return request.Approve();
  }
}

function said<T extends KubernetesObject>(request: PeprValidateRequest<T>, { problems, warnings }: Review): Answer {
  if (problems.length > 0) return request.Deny(formatProblems(problems), unprocessable);
  return request.Approve(warnings.map((warning) => formatProblems([warning])));
}

/** The fluent client throws plain objects as well as Errors. */
function reasonOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  const { statusText } = error as { statusText?: unknown };
  return typeof statusText === "string" ? statusText : JSON.stringify(error);
}
