import { badRequest, methodNotAllowed, noSuchResource, notFound, type StatusError } from "../api/errors.ts";
import type { Resource } from "../api/scheme.ts";
import { isTrue } from "./http/query.ts";
import { can, opensSession, type Storage, type Verb } from "./registry/storage.ts";

/** A request for Objects. The Authorizer and the verbs see this and nothing else, so both act on the same thing. */
export interface ResourceRequest {
  kind: "resource";
  verb: Verb;
  resource: Resource;
  /** The Storage of the subresource, where one is asked for. */
  storage: Storage;
  namespace?: string;
  /** Absent for collections. */
  name?: string;
  subresource?: string;
  query: URLSearchParams;
}

/** Everything else: discovery, health, version, metrics, and unknown paths. */
export interface PathRequest {
  kind: "path";
  /** The method in lower case. */
  verb: string;
  path: string;
  query: URLSearchParams;
}

export type ParsedRequest = ResourceRequest | PathRequest;

/** The verb of each method, for each kind of path. What the Storage cannot do is refused. */
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
  subresource: new Map([
    ["GET", "get"],
    ["POST", "create"],
    ["PUT", "update"],
    ["PATCH", "patch"],
  ]),
} as const satisfies Record<string, ReadonlyMap<string, Verb>>;

/** Turns method and URL into what is asked for. Fixed maps only: text from the URL is never used to look up a property. */
export class Router {
  readonly #storages = new Map<string, Storage>();
  readonly #groupVersions = new Set<string>();

  constructor(storages: Iterable<Storage>) {
    for (const storage of storages) {
      const { group, version, plural } = storage.resource;
      this.#groupVersions.add(`${group}/${version}`);
      this.#storages.set(`${group}/${version}/${plural}`, storage);
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
    const served = place && this.#storages.get(`${group}/${version}/${place.plural}`);
    const storage = served && storageAt(served, place);
    if (!storage) throw noSuchResource();
    const verb = verbOf(method, place, storage, query);
    if (!verb || !can(storage, verb)) throw methodNotAllowed(storage.instead);
    return {
      kind: "resource",
      verb,
      resource: storage.resource,
      storage,
      ...(place.namespace === undefined ? {} : { namespace: place.namespace }),
      ...(place.name === undefined ? {} : { name: place.name }),
      ...(place.subresource === undefined ? {} : { subresource: place.subresource }),
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

const ofNamespaces: ReadonlySet<string> = new Set(["status", "finalize"]);

/** `[namespaces, NS,] PLURAL [, NAME [, SUBRESOURCE]]`. In the core group `namespaces/NS/status` and `finalize` are of the Namespace itself. */
function placeOf(rest: string[], core: boolean): Place | undefined {
  const ofNamespaceItself = core && rest.length === 3 && ofNamespaces.has(rest[2] as string);
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

/** Undefined for a path that names nothing: a cluster-scoped resource in a namespace, an item without its namespace, a strange subresource. */
function storageAt(served: Storage, place: Place): Storage | undefined {
  const { namespaced } = served.resource;
  if (place.namespace !== undefined && !namespaced) return undefined;
  if (place.name !== undefined && namespaced && place.namespace === undefined) return undefined;
  return place.subresource === undefined ? served : served.subresources?.get(place.subresource);
}

/** Whoever begins a session creates it, by whatever method: a WebSocket begins with a GET, and who may only read must not run commands. */
function verbOf(method: string, place: Place, storage: Storage, query: URLSearchParams): Verb | undefined {
  const { namespaced } = storage.resource;
  if (opensSession(storage) && method === "GET") return "create";
  if (place.subresource !== undefined) return methods.subresource.get(method);
  if (place.name !== undefined) return methods.item.get(method);
  const isEverywhere = namespaced && place.namespace === undefined;
  const verb = (isEverywhere ? methods.everywhere : methods.collection).get(method);
  return verb === "list" && isTrue(query.get("watch")) ? "watch" : verb;
}

const pathRequest = (method: string, segments: string[], query: URLSearchParams): PathRequest => ({
  kind: "path",
  verb: method.toLowerCase(),
  path: `/${segments.join("/")}`,
  query,
});

/**
 * Decodes once. One slash at the end says nothing, as in Kubernetes (`/api/`). Refuses what another reader of the same path could understand differently: empty segments, `.` and `..`, encoded
 * slashes and percent signs, backslashes, control characters, anything outside printable ASCII in the raw form.
 */
function segmentsOf(path: string): string[] {
  if (!path.startsWith("/") || !/^[\x21-\x7e]*$/.test(path) || path.includes("#")) throw badPath();
  if (path === "/") return [];
  return path.replace(/\/$/, "").slice(1).split("/").map(decodeSegment);
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

const badPath = (): StatusError =>
  badRequest("the path is malformed: empty, dotted or doubly encoded segments are not accepted");

/** The name in the request, for verbs that are only routed with one. */
export function nameOf(request: ResourceRequest): string {
  if (request.name === undefined) throw notFound(request.resource, "");
  return request.name;
}
