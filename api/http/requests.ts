/** How the options of a Client read as paths, queries and bodies of the Kubernetes API. */

import type { DeleteOptions, ListOptions, WatchOptions, WriteOptions } from "../client.ts";
import { badRequest } from "../errors.ts";
import { type Key, type KubeObject, splitKey } from "../object.ts";
import { apiVersionOf, type Resource, urlPath } from "../scheme.ts";
import type { TableOptions } from "./table.ts";

type Parameters = Record<string, string | undefined>;

export function objectPath<T extends KubeObject>(resource: Resource<T>, key: Key, subresource?: string): string {
  const { namespace, name } = splitKey(key);
  if (name === "") throw badRequest("resource name may not be empty");
  return urlPath(resource as Resource, namespace ?? "default", name, subresource);
}

export const bodyFor = <T extends KubeObject>(resource: Resource<T>, object: T): Record<string, unknown> => ({
  ...(object as KubeObject),
  apiVersion: object.apiVersion ?? apiVersionOf(resource),
  kind: object.kind ?? resource.kind,
});

export const deleteBody = ({
  propagation,
  gracePeriodSeconds,
  preconditions,
  dryRun,
}: DeleteOptions): Record<string, unknown> => ({
  kind: "DeleteOptions",
  apiVersion: "v1",
  ...(propagation ? { propagationPolicy: propagation } : {}),
  ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
  ...(preconditions ? { preconditions } : {}),
  ...(dryRun ? { dryRun: ["All"] } : {}),
});

export const listQuery = ({ labelSelector, fieldSelector, ...rest }: ListOptions): Parameters => ({
  labelSelector: labelSelector || undefined,
  fieldSelector: fieldSelector || undefined,
  limit: rest.limit ? String(rest.limit) : undefined,
  continue: rest.continue || undefined,
});

export const watchQuery = (options: WatchOptions & Pick<TableOptions, "includeObject">): Parameters => ({
  watch: "true",
  ...listQuery(options),
  resourceVersion: options.resourceVersion || undefined,
  // A server begins with all there is when it is told no revision; our callers list first when they want that.
  ...(options.resourceVersion ? {} : { sendInitialEvents: "false", resourceVersionMatch: "NotOlderThan" }),
  allowWatchBookmarks: "true", // They show that the server is still there.
  includeObject: options.includeObject,
});

export const tableQuery = (options: TableOptions): Parameters => ({
  ...(options.name === undefined ? listQuery(options) : {}),
  includeObject: options.includeObject,
});

export const writeQuery = ({ fieldManager, dryRun, fieldValidation }: WriteOptions): Parameters => ({
  fieldManager,
  dryRun: dryRun ? "All" : undefined,
  fieldValidation,
});

export function queryString(parameters: Parameters): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}
