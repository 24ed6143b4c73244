/** One field that the API server found wrong. */
export type Cause = { readonly reason?: string; readonly message?: string; readonly field?: string };

/** The failure `Status` object of the API (meta/v1). */
export type StatusBody = {
  readonly kind?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: {
    readonly name?: string;
    readonly uid?: string;
    readonly causes?: readonly Cause[];
    readonly retryAfterSeconds?: number;
  };
};

/**
 * The API server said no. `status` is the HTTP code and `reason` the API's own word:
 * 404 NotFound: gone, plan again · 409 AlreadyExists: a create lost to another, read what is there · 409 Conflict: uid or
 * resourceVersion moved on, plan again · 410 Expired: the version is too old, list again · 422 Invalid: `causes` name the fields ·
 * 403 Forbidden: RBAC or admission · 429 and 503: come back after `retryAfterSeconds`.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly Cause[];
  readonly retryAfterSeconds: number | undefined;

  constructor(operation: string, status: number, body: StatusBody, retryAfterSeconds?: number) {
    super(`${operation}: ${body.message ?? `HTTP ${status}`}`);
    this.status = status;
    this.reason = body.reason ?? "";
    this.causes = body.details?.causes ?? [];
    this.retryAfterSeconds = retryAfterSeconds ?? body.details?.retryAfterSeconds;
  }
}

/**
 * No answer came: connect, TLS, reset or time-out; `cause` says which. The server may have carried a write out all the same:
 * never send it again blindly, plan again from what the stores then show.
 */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
}

/** The object is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** A create found the name taken. */
export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.reason === "AlreadyExists";
}

/** A guarded write found another uid or resourceVersion. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.reason !== "AlreadyExists";
}

/** The version or continue token cannot be served (too old, or newer than the server's history): only a new list helps. */
export function isExpired(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return (
    error.status === 410 ||
    error.reason === "Expired" ||
    error.reason === "Gone" ||
    error.causes.some((cause) => cause.reason === "ResourceVersionTooLarge") ||
    /too large resource version/i.test(error.message)
  );
}

/** A read may be tried again: nothing answered, or the server is busy or starting. */
export function isTransient(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  return error instanceof ApiError && (error.status === 429 || error.status >= 500);
}
