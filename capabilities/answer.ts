import type { KubernetesObject } from "kubernetes-fluent-client";
import type { PeprValidateRequest } from "pepr";
import type { Review } from "../src/api/pool-review.ts";
import { formatProblems } from "../src/api/problem.ts";

type Answer = ReturnType<PeprValidateRequest<KubernetesObject>["Approve"]>;

/** Invalid, as the API server's own validation answers. */
const unprocessable = 422;

/** The API server could not be asked. */
const unavailable = 503;

/** Carries a review out: refuses with every problem at once, else approves with each warning; if it fails, refuses and says why. */
export async function answer<T extends KubernetesObject>(
  request: PeprValidateRequest<T>,
  review: () => Promise<Review>,
): Promise<Answer> {
  try {
    const { problems, warnings } = await review();
    if (problems.length > 0) return request.Deny(formatProblems(problems), unprocessable);
    return request.Approve(warnings.map((warning) => formatProblems([warning])));
  } catch (error) {
    return request.Deny(`review ${request.Request.kind.kind}: ${reasonOf(error)}`, unavailable);
  }
}

/** The fluent client throws plain objects as well as Errors. */
function reasonOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  const { statusText } = error as { statusText?: unknown };
  return typeof statusText === "string" ? statusText : JSON.stringify(error);
}
