/** An answer that is no success, as the API server words it. */
export class ApiRefusal extends Error {
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }

  /** The Status object. */
  body(): object {
    const { code, reason, message } = this;
    return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
  }
}

/** 404: there is none. */
export function notFound(plural: string, key: string): ApiRefusal {
  return new ApiRefusal(404, "NotFound", `${plural} "${key}" not found`);
}

/** 409: the name is taken. */
export function alreadyExists(plural: string, key: string): ApiRefusal {
  return new ApiRefusal(409, "AlreadyExists", `${plural} "${key}" already exists`);
}

/** 409: uid or resourceVersion is not what the writer saw. */
export function conflict(plural: string, key: string): ApiRefusal {
  return new ApiRefusal(409, "Conflict", `Operation cannot be fulfilled on ${plural} "${key}": it has been modified`);
}

/** 422: a rule of the schema, a policy or a webhook says no. */
export function invalid(message: string): ApiRefusal {
  return new ApiRefusal(422, "Invalid", message);
}

/** 410: the version or the continue token is too old. */
export function expired(): ApiRefusal {
  return new ApiRefusal(410, "Expired", "too old resource version");
}
