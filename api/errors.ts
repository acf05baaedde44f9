import { isObject, type JsonObject } from "../lib/json-object.ts";

/**
 * The one catalogue of errors. Reasons, codes and messages are those of the Kubernetes API server
 * (apimachinery `pkg/api/errors`), so that kubectl and client-go understand them.
 */
export type Reason =
  | "BadRequest"
  | "Unauthorized"
  | "Forbidden"
  | "NotFound"
  | "MethodNotAllowed"
  | "NotAcceptable"
  | "AlreadyExists"
  | "Conflict"
  | "Gone"
  | "Expired"
  | "RequestEntityTooLarge"
  | "UnsupportedMediaType"
  | "Invalid"
  | "TooManyRequests"
  | "InternalError"
  | "ServiceUnavailable"
  | "Timeout";

export const codeOf = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
} as const satisfies Record<Reason, number>;

export interface StatusCause {
  reason?: string;
  message: string;
  /** Path of the field, as in `spec.probes[0].port`. */
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** The body of every refused request: a Kubernetes `Status`. */
export interface Status {
  kind: "Status";
  apiVersion: "v1";
  metadata: { continue?: string };
  status: "Success" | "Failure";
  message?: string;
  reason?: Reason;
  details?: StatusDetails;
  code?: number;
}

export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly reason: Reason;
  readonly code: number;
  readonly details: StatusDetails | undefined;
  /** Of a paged list that cannot go on as it was: the token with which it can go on all the same. */
  readonly continue: string | undefined;

  constructor(
    reason: Reason,
    message: string,
    options: { details?: StatusDetails; cause?: unknown; code?: number; continue?: string } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.code = options.code ?? codeOf[reason];
    this.details = options.details;
    this.continue = options.continue;
  }

  toStatus(): Status {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: this.continue === undefined ? {} : { continue: this.continue },
      status: "Failure",
      message: this.message,
      reason: this.reason,
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    };
  }

  /** Of what a server says. It may be no Status: a field of another type than its own is passed over. */
  static fromStatus(claim: object): StatusError {
    const { metadata, details, code, reason, message } = claim as { [Field in keyof Status]?: unknown };
    const options: { details?: StatusDetails; code?: number; continue?: string } = {};
    if (isObject(metadata) && typeof metadata.continue === "string") options.continue = metadata.continue;
    if (isObject(details)) options.details = detailsFrom(details);
    if (typeof code === "number" && code !== 0) options.code = code;
    return new StatusError(
      typeof reason === "string" ? (reason as Reason) : "InternalError",
      typeof message === "string" ? message : "unknown error",
      options,
    );
  }
}

function detailsFrom({ causes, retryAfterSeconds, ...claim }: JsonObject): StatusDetails {
  return {
    ...textsOf(claim, ["name", "group", "kind", "uid"]),
    ...(Array.isArray(causes)
      ? {
          causes: causes
            .filter(isObject)
            .map((one) => ({ message: "", ...textsOf(one, ["reason", "message", "field"]) })),
        }
      : {}),
    ...(typeof retryAfterSeconds === "number" ? { retryAfterSeconds } : {}),
  };
}

const textsOf = <Name extends string>(claim: JsonObject, names: readonly Name[]): { [One in Name]?: string } =>
  Object.fromEntries(names.flatMap((name) => (typeof claim[name] === "string" ? [[name, claim[name]]] : []))) as {
    [One in Name]?: string;
  };

/** What a resource is called in messages and in `details`: `processes.wctl.dev`, or `secrets` in the core group. */
export interface ResourceName {
  group: string;
  plural: string;
  kind: string;
}
const qualified = (resource: ResourceName): string =>
  resource.group ? `${resource.plural}.${resource.group}` : resource.plural;
const detailsOf = (resource: ResourceName, name: string): StatusDetails => ({
  ...(name ? { name } : {}),
  ...(resource.group ? { group: resource.group } : {}),
  ...(resource.plural ? { kind: resource.plural } : {}),
});

export const notFound = (resource: ResourceName, name: string): StatusError =>
  new StatusError("NotFound", `${qualified(resource)} "${name}" not found`, { details: detailsOf(resource, name) });

export const alreadyExists = (resource: ResourceName, name: string): StatusError =>
  new StatusError("AlreadyExists", `${qualified(resource)} "${name}" already exists`, {
    details: detailsOf(resource, name),
  });

export const conflict = (resource: ResourceName, name: string, why?: string): StatusError =>
  new StatusError(
    "Conflict",
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why ?? "the object has been modified; please apply your changes to the latest version and try again"}`,
    { details: detailsOf(resource, name) },
  );

/** A schema 422: `details.kind` is the Kind here, as on the real server. */
export function invalid(resource: ResourceName, name: string, causes: StatusCause[]): StatusError {
  const lines = causes.map((cause) => (cause.field ? `${cause.field}: ${cause.message}` : cause.message));
  const what = resource.group ? `${resource.kind}.${resource.group}` : resource.kind;
  return new StatusError(
    "Invalid",
    `${what} "${name}" is invalid: ${lines.length === 1 ? lines[0] : `[${lines.join(", ")}]`}`,
    {
      details: { ...detailsOf({ ...resource, plural: resource.kind }, name), causes },
    },
  );
}

export const noSuchResource = (): StatusError =>
  new StatusError("NotFound", "the server could not find the requested resource", { details: {} });

/** `instead`: what else can be done. */
export const methodNotAllowed = (instead?: string): StatusError =>
  new StatusError(
    "MethodNotAllowed",
    `the server does not allow this method on the requested resource${instead === undefined ? "" : `: ${instead}`}`,
    { details: {} },
  );

export const tooManyRequests = (): StatusError =>
  new StatusError("TooManyRequests", "Too many requests, please try again later.", {
    details: { retryAfterSeconds: 1 },
  });

export const badRequest = (message: string, cause?: unknown, causes?: StatusCause[]): StatusError =>
  new StatusError("BadRequest", message, {
    ...(cause === undefined ? {} : { cause }),
    ...(causes ? { details: { causes } } : {}),
  });

export const forbidden = (resource: ResourceName, name: string, why: string, causes?: StatusCause[]): StatusError =>
  new StatusError("Forbidden", `${qualified(resource)} "${name}" is forbidden: ${why}`, {
    details: { ...detailsOf(resource, name), ...(causes ? { causes } : {}) },
  });

/** `token`: with which a list may go on, though not as it was. */
export const expired = (message: string, token?: string): StatusError =>
  new StatusError("Expired", message, token === undefined ? {} : { continue: token });

/** In Kubernetes' words: a list at a revision of which not everything is known any more. */
export const tooOldToList = (): StatusError => expired("The resourceVersion for the provided list is too old.");

/** In Kubernetes' words: a revision that has not happened yet. Its clients ask again a second later. */
export const tooLargeRevision = (wanted: number, current: number | string): StatusError =>
  new StatusError("Timeout", `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    details: {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    },
  });

export const isReason = (error: unknown, reason: Reason): error is StatusError =>
  error instanceof StatusError && error.reason === reason;
export const isNotFound = (error: unknown): error is StatusError => isReason(error, "NotFound");
export const isConflict = (error: unknown): error is StatusError => isReason(error, "Conflict");
export const isAlreadyExists = (error: unknown): error is StatusError => isReason(error, "AlreadyExists");
export const isExpired = (error: unknown): error is StatusError =>
  isReason(error, "Expired") || isReason(error, "Gone");
