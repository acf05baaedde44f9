import { badRequest, notFound, StatusError } from "../api/errors.ts";
import { instances, type Resource } from "../api/scheme.ts";

export type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete" | "deletecollection";
export type Subresource = "status" | "scale" | "log";

/** A request for Objects. Who decides and who serves see this and nothing else, so both decide about the same thing. */
export interface ResourceRequest {
  kind: "resource";
  verb: Verb;
  resource: Resource;
  namespace?: string;
  /** Absent for collections. */
  name?: string;
  subresource?: Subresource;
  query: URLSearchParams;
}

/** Everything else: discovery, health, version, metrics, and paths that nobody serves. */
export interface PathRequest {
  kind: "path";
  /** The method in lower case. */
  verb: string;
  path: string;
  segments: readonly string[];
  query: URLSearchParams;
}

export type ParsedRequest = ResourceRequest | PathRequest;

type Methods = ReadonlyMap<string, Verb>;
const methods = {
  collection: new Map([
    ["GET", "list"],
    ["POST", "create"],
    ["DELETE", "deletecollection"],
  ]),
  /** A namespaced kind without a namespace in the URL. */
  everywhere: new Map([["GET", "list"]]),
  item: new Map([
    ["GET", "get"],
    ["PUT", "update"],
    ["PATCH", "patch"],
    ["DELETE", "delete"],
  ]),
  status: new Map([
    ["GET", "get"],
    ["PUT", "update"],
    ["PATCH", "patch"],
  ]),
  scale: new Map([
    ["GET", "get"],
    ["PUT", "update"],
    ["PATCH", "patch"],
  ]),
  log: new Map([["GET", "get"]]),
} as const satisfies Record<string, Methods>;

/** Kinds with output; the pods facade joins here. */
const withLogs: readonly Resource[] = [instances as unknown as Resource];

/** Turns method and URL into what is asked for. Fixed maps only: text from the URL is never used to look up a property. */
export class Router {
  readonly #resources = new Map<string, Resource>();
  readonly #groupVersions = new Set<string>();

  constructor(scheme: readonly Resource[]) {
    for (const resource of scheme) {
      this.#groupVersions.add(`${resource.group}/${resource.version}`);
      this.#resources.set(`${resource.group}/${resource.version}/${resource.plural}`, resource);
    }
  }

  /** Throws BadRequest for a path with tricks in it, MethodNotAllowed, and NotFound for what a known group does not have. */
  parse(method: string, url: string): ParsedRequest {
    const mark = url.indexOf("?");
    const path = mark < 0 ? url : url.slice(0, mark);
    const query = new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1));
    const segments = segmentsOf(path);
    return this.#resourceRequest(method, segments, query) ?? pathRequest(method, segments, query);
  }

  #resourceRequest(method: string, segments: string[], query: URLSearchParams): ResourceRequest | undefined {
    const core = segments[0] === "api";
    if (!core && segments[0] !== "apis") return undefined;
    const [group, version, ...rest] = core ? ["", ...segments.slice(1)] : segments.slice(1);
    if (rest.length === 0 || !this.#groupVersions.has(`${group}/${version}`)) return undefined;
    const place = placeOf(rest, core);
    const resource = place && this.#resources.get(`${group}/${version}/${place.plural}`);
    const allowed = resource && methodsAt(resource, place);
    if (!allowed) throw noSuchResource();
    const verb = allowed.get(method);
    if (!verb) throw methodNotAllowed();
    return {
      kind: "resource",
      verb: verb === "list" && isTrue(query.get("watch")) ? "watch" : verb,
      resource,
      ...(place.namespace === undefined ? {} : { namespace: place.namespace }),
      ...(place.name === undefined ? {} : { name: place.name }),
      ...(place.subresource === undefined ? {} : { subresource: place.subresource as Subresource }),
      query,
    };
  }
}

interface Place {
  plural: string;
  namespace?: string;
  name?: string;
  subresource?: string;
}

/** `[namespaces, NS,] PLURAL [, NAME [, SUBRESOURCE]]`. In the core group `namespaces/NS/status` is of the Namespace itself. */
function placeOf(rest: string[], core: boolean): Place | undefined {
  const ofNamespaceItself = core && rest.length === 3 && rest[2] === "status";
  const scoped = rest[0] === "namespaces" && rest.length > 2 && !ofNamespaceItself;
  const [plural, name, subresource, ...more] = scoped ? rest.slice(2) : rest;
  if (plural === undefined || more.length > 0) return undefined;
  return {
    plural,
    ...(scoped ? { namespace: rest[1] as string } : {}),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

function methodsAt(resource: Resource, place: Place): Methods | undefined {
  if (place.namespace !== undefined && !resource.namespaced) return undefined;
  const needsNamespace = resource.namespaced && place.namespace === undefined;
  if (place.name === undefined) return needsNamespace ? methods.everywhere : methods.collection;
  if (needsNamespace) return undefined;
  if (place.subresource === undefined) return methods.item;
  if (place.subresource === "status" && resource.status) return methods.status;
  if (place.subresource === "scale" && resource.scale) return methods.scale;
  if (place.subresource === "log" && hasLogs(resource)) return methods.log;
  return undefined;
}

export const hasLogs = (resource: Resource): boolean =>
  withLogs.some((known) => known.plural === resource.plural && known.group === resource.group);

const pathRequest = (method: string, segments: string[], query: URLSearchParams): PathRequest => ({
  kind: "path",
  verb: method.toLowerCase(),
  path: `/${segments.join("/")}`,
  segments,
  query,
});

/**
 * Decodes once. Refuses what another reader of the same path could understand differently: empty segments, `.` and `..`, encoded
 * slashes and percent signs, backslashes, control characters, anything outside printable ASCII in the raw form.
 */
function segmentsOf(path: string): string[] {
  if (!path.startsWith("/") || !/^[\x21-\x7e]*$/.test(path) || path.includes("#")) throw badPath();
  if (path === "/") return [];
  return path.slice(1).split("/").map(decodeSegment);
}

function decodeSegment(raw: string): string {
  let text: string;
  try {
    text = decodeURIComponent(raw);
  } catch {
    throw badPath();
  }
  if (text === "" || text === "." || text === ".." || /[/\\%\u0000-\u001f\u007f]/.test(text)) throw badPath();
  return text;
}

/** As Kubernetes reads booleans in a query: present is true unless it says `false` or `0`. */
export const isTrue = (value: string | null): boolean =>
  value !== null && value !== "0" && value.toLowerCase() !== "false";

const badPath = (): StatusError =>
  badRequest("the path is malformed: empty, dotted or doubly encoded segments are not accepted");

export const noSuchResource = (): StatusError =>
  new StatusError("NotFound", "the server could not find the requested resource", { details: {} });

export const methodNotAllowed = (): StatusError =>
  new StatusError("MethodNotAllowed", "the server does not allow this method on the requested resource", {
    details: {},
  });

/** The name in the request, for verbs that are only routed with one. */
export function nameOf(request: ResourceRequest): string {
  if (request.name === undefined) throw notFound(request.resource, "");
  return request.name;
}
