import type { Identity } from "./authentication/identity.ts";
import { isHook } from "./hooks/hooks.ts";
import { isTrue } from "./http/query.ts";
import { opensSession } from "./registry/storage.ts";
import type { ParsedRequest } from "./router.ts";
import { backupPath, kubeconfigPath, openIdPath, rotateKeyPath, tokenKeysPath } from "./serve-path.ts";

/** What the metrics and the log may know of a request. */
export interface RequestInfo {
  verb: string;
  resource: string;
  user?: string;
  /** As whom the user acts. */
  as?: string;
  /** Watches, followed logs, commands beside an Instance. */
  long: boolean;
}

const servedPaths = new Set([
  "/metrics",
  "/version",
  "/healthz",
  "/livez",
  "/readyz",
  "/api",
  "/apis",
  "/openapi/v2",
  "/openapi/v3",
  rotateKeyPath,
  backupPath,
  kubeconfigPath,
  openIdPath,
  tokenKeysPath,
]);
const pathVerbs = new Set(["get", "head", "post", "put", "patch", "delete", "options"]);

/** Bounded words only: a path that we do not serve is `other`. */
export function describeRequest(info: RequestInfo, parsed: ParsedRequest, user?: Identity): void {
  if (user) info.user = user.name;
  if (parsed.kind === "path") {
    info.verb = pathVerbs.has(parsed.verb) ? parsed.verb : "other";
    info.resource = isHook(parsed.path) ? "/hooks" : servedPaths.has(parsed.path) ? parsed.path : "other";
    return;
  }
  const { resource, storage, subresource, verb, query } = parsed;
  info.verb = verb;
  info.resource = `${resource.plural}${resource.group ? `.${resource.group}` : ""}${subresource ? `/${subresource}` : ""}`;
  const isFollowed = storage.streamLog !== undefined && isTrue(query.get("follow"));
  info.long = verb === "watch" || isFollowed || leavesHttp(parsed);
}

/** Does it begin a session in a protocol of its own? */
export const leavesHttp = (parsed: ParsedRequest): boolean =>
  parsed.kind === "resource" && opensSession(parsed.storage);
