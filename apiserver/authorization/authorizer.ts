import { StatusError } from "../../api/errors.ts";
import type { Identity } from "../authentication/authenticator.ts";
import type { ParsedRequest } from "../router.ts";

/** Decides about the very value that is then served. */
export interface Authorizer {
  /** False refuses with Forbidden. */
  allows(user: Identity, request: ParsedRequest): boolean | Promise<boolean>;
}

/** The local administrator may do everything, everybody else nothing. Rules by role come in this place. */
export const administratorsOnly: Authorizer = {
  allows: (user) => user.groups.includes("system:masters"),
};

/** In the words of the real server (apiserver `responsewriters.Forbidden`). */
export function forbidden(user: Identity, request: ParsedRequest): StatusError {
  const who = `User ${JSON.stringify(user.name)} cannot ${request.verb}`;
  if (request.kind === "path") {
    return new StatusError("Forbidden", `forbidden: ${who} path ${JSON.stringify(request.path)}`, { details: {} });
  }
  const { resource, namespace, name, subresource } = request;
  const plural = subresource ? `${resource.plural}/${subresource}` : resource.plural;
  const where = namespace === undefined ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  const what = resource.group ? `${resource.plural}.${resource.group}` : resource.plural;
  const subject = name === undefined ? what : `${what} ${JSON.stringify(name)}`;
  return new StatusError(
    "Forbidden",
    `${subject} is forbidden: ${who} resource ${JSON.stringify(plural)} in API group ${JSON.stringify(resource.group)} ${where}`,
    {
      details: {
        ...(name === undefined ? {} : { name }),
        ...(resource.group ? { group: resource.group } : {}),
        kind: resource.plural,
      },
    },
  );
}

export const unauthorized = (): StatusError => new StatusError("Unauthorized", "Unauthorized");
