import type { Ask } from "./ask.ts";
import { type Body, BodyMaker } from "./bodies.ts";
import type { Dice } from "./dice.ts";
import type { Made } from "./made.ts";
import type { Operation } from "./published.ts";
import { queryOf } from "./queries.ts";
import { wildHeaders, wildSegments } from "./wild.ts";

/** A request, and what is known of it: so much can be expected of its answer. */
export interface Drawn {
  ask: Ask;
  /** What it asks for, where method and path are as published. */
  operation: Operation | undefined;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  body: Body | undefined;
  /** Nothing of it may be kept. */
  isDry: boolean;
  /** It goes on until one side ends it. */
  isStream: boolean;
}

/** Where one lane writes, and what it may do there. */
export interface Ground {
  namespaces: readonly string[];
  /** False for who has few rights: he may ask for anything of anybody. */
  isAdmin: boolean;
}

const unpublished = [
  "/", "/api", "/apis", "/api/", "/apis/", "/api/v1", "/apis/wctl.dev", "/apis/wctl.dev/v1", "/apis/apps", "/version", "/version/", "/healthz",
  "/livez", "/readyz", "/readyz?verbose", "/metrics", "/openapi/v2", "/openapi/v3", "/openapi/v3/", "/openapi/v3/api/v1", "/openapi/v3/api/v1?hash=FZ",
  "/openapi/v3/fz", "/openapi", "/backup", "/kubeconfigs", "/secretkeys/rotate?dryRun=All", "/secretkeys/rotate?dryRun=fz", "/kubeconfigs?user=fz",
  "/kubeconfigs?user=system:fz", "/api/v2", "/apis/fz/v1", "/apis/wctl.dev/v9/processes", "/api/v1/fz", "/favicon.ico", "/logs", "/swagger.json",
  "/api/v1/namespaces/fz/fz", "/api/v1/watch/pods", "/apis/wctl.dev/v1/namespaces", "//", "/%2e%2e/metrics", "/api/v1/nodes/fz/proxy",
]; // biome-ignore format: a list of words
/** Without DELETE: who may do everything would delete what others need. */
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get"];
const accepts = [
  "application/json",
  "*/*",
  "application/yaml",
  "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
  "application/json;as=Table;v=v1beta1;g=meta.k8s.io",
  "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json",
  "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
  "application/vnd.kubernetes.protobuf,application/json",
  "application/vnd.kubernetes.protobuf",
  "application/cbor",
  "application/json;q=0.1,application/yaml;q=0.9",
  "application/json;q=0",
  "application/json;as=Fz;v=v1;g=meta.k8s.io",
  "application/json;stream=watch",
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json",
  "text/html, image/gif, */*; q=.2",
  "fz",
  "",
  ",,,;;;===",
  "application/json;".repeat(100),
  "a/b,".repeat(1000),
];
const identities: readonly (readonly [string, string | string[]])[] = [
  ["impersonate-user", "fz-jane"],
  ["impersonate-user", "system:anonymous"],
  ["impersonate-user", "system:serviceaccount:fz-0:default"],
  ["impersonate-user", ""],
  ["impersonate-group", "fz-group"],
  ["impersonate-uid", "1"],
  ["impersonate-extra-fz", "1"],
  ["impersonate-extra-%2", "1"],
];

/** Draws requests of everything that is published, and of some things that are not. */
export class RequestMaker {
  readonly #operations: readonly Operation[];
  readonly #ground: Ground;
  readonly #made: Made;

  constructor(operations: readonly Operation[], ground: Ground, made: Made) {
    this.#operations = operations;
    this.#ground = ground;
    this.#made = made;
  }

  draw(dice: Dice): Drawn {
    if (dice.chance(0.03)) return this.#unpublished(dice);
    const operation = this.#operation(dice);
    const isOdd = dice.trick(0.06);
    const path = this.#pathOf(operation, isOdd, dice);
    const query = queryOf(operation, path, this.#made, dice);
    const body = operation.body && new BodyMaker(operation, path, this.#made, dice).make();
    if (body?.mediaType === "application/apply-patch+yaml" && !dice.trick(0.2))
      query.set("fieldManager", dice.pick(["fuzz", "fuzz-other"]));
    this.#spare(operation, path, query);
    const isWild = !/^(\/[a-z0-9][a-z0-9.-]*)+$/.test(path);
    return {
      ...this.#asked(isOdd && !writes(operation) ? dice.pick(methods) : operation.method, path, query, body, dice),
      operation: isOdd || isWild ? undefined : operation,
    };
  }

  /** Where little is there yet, something is made: what is read, changed and deleted must be there. */
  #operation(dice: Dice): Operation {
    const drawn = dice.pick(this.#operations);
    const collection = drawn.path.replace(/\/\{name\}.*$/, "");
    if (collection === drawn.path || dice.trick(0.5)) return drawn;
    const isThere = this.#ground.namespaces.some((one) => this.#made.below(collection.replace("{namespace}", one))[0]);
    const making = this.#operations.find(({ path, action }) => path === collection && action === "post");
    return isThere ? drawn : (making ?? drawn);
  }

  #unpublished(dice: Dice): Drawn {
    const [path = "", query] = dice.pick(unpublished).split("?");
    // Keys are turned, certificates and backups made: each is work, and shown elsewhere.
    const method = dice.weighted([3, () => "GET"], [1, () => dice.pick(methods)]);
    return { ...this.#asked(method, path, new URLSearchParams(query), undefined, dice), operation: undefined };
  }

  #asked(
    method: string,
    path: string,
    query: URLSearchParams,
    body: Body | undefined,
    dice: Dice,
  ): Omit<Drawn, "operation"> {
    const isUpgrade = path.endsWith("/exec") && dice.chance(0.5);
    const mark = `${query}` === "" ? "" : `?${query}`;
    return {
      ask: {
        method: isUpgrade ? "GET" : method,
        path: path + mark,
        headers: headersOf(body, isUpgrade, this.#ground, dice),
        body: body?.bytes,
      },
      path,
      query,
      body,
      // Of a deletion with a body, the body alone says how it is meant.
      isDry: query.get("dryRun") === "All" && !(method === "DELETE" && body && body.bytes.length > 0),
      isStream: isTrue(query.get("watch")) || isTrue(query.get("follow")) || path.endsWith("/exec"),
    };
  }

  #pathOf({ path, method }: Operation, isOdd: boolean, dice: Dice): string {
    const collection = path.replace(/\/\{name\}.*$/, "").replace("{namespace}", () => this.#namespace(dice));
    const after = /\{name\}(.*)$/.exec(path)?.[1];
    if (after === undefined) return collection;
    const known = this.#made.below(collection);
    if (known.length > 0 && dice.chance(0.7)) return dice.pick(known) + after;
    const isHarmless = (method === "GET" && !isOdd) || !this.#ground.isAdmin;
    // A deletion without a name is one of all that there are.
    const wild = method === "DELETE" ? wildSegments.filter((one) => one !== "") : wildSegments;
    const name = dice.weighted(
      [6, () => `fz-${dice.below(4)}`],
      [dice.trick(1) ? 2 : 0, () => dice.pick(wild)],
      [isHarmless ? 2 : 0, () => dice.pick(["default", "kube-system", "edit", "cluster-admin", "untouched", "web"])],
    );
    return `${collection}/${name}${after}`;
  }

  #namespace(dice: Dice): string {
    return dice.weighted(
      [20, () => dice.pick(this.#ground.namespaces)],
      [dice.trick(1) ? 2 : 0, () => dice.pick(wildSegments)],
      [1, () => dice.pick(["fz-absent", "fz-0", "fz-1"])],
      [this.#ground.isAdmin ? 0 : 3, () => dice.pick(["untouched", "default", "fuzz-0"])],
    );
  }

  /** What belongs to the cluster, as roles that the controllers have, is not deleted all together. */
  #spare({ action, path }: Operation, at: string, query: URLSearchParams): void {
    if (action !== "deletecollection" || path.includes("{namespace}") || !this.#ground.isAdmin || at === "") return;
    for (const name of [...query.keys()]) if (name.endsWith("Selector")) query.delete(name);
    query.set("labelSelector", "fuzz=yes");
  }
}

const writes = ({ method }: Operation): boolean => method !== "GET";

const isTrue = (value: string | null): boolean => value !== null && value !== "0" && value.toLowerCase() !== "false";

function headersOf(
  body: Body | undefined,
  isUpgrade: boolean,
  ground: Ground,
  dice: Dice,
): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  if (body?.mediaType !== undefined) headers["content-type"] = body.mediaType;
  if (dice.chance(0.5))
    headers.accept = dice.weighted([dice.trick(1) ? 3 : 12, () => "application/json"], [2, () => dice.pick(accepts)]);
  if (dice.chance(0.1)) headers["accept-encoding"] = "gzip";
  if (dice.trick(0.05)) headers["content-encoding"] = dice.pick(["gzip", "identity", "deflate", "fz"]);
  if (body && dice.chance(0.05)) headers["transfer-encoding"] = "chunked";
  if (dice.trick(0.12)) Object.assign(headers, Object.fromEntries([dice.pick(wildHeaders)]));
  if (ground.isAdmin && dice.trick(0.06)) Object.assign(headers, Object.fromEntries(dice.some(identities, 3)));
  if (isUpgrade) Object.assign(headers, upgradeHeaders(dice));
  return headers;
}

const upgradeHeaders = (dice: Dice): Record<string, string> => ({
  connection: "Upgrade",
  upgrade: dice.pick(["websocket", "websocket", "SPDY/3.1", "fz"]),
  "sec-websocket-version": dice.pick(["13", "13", "8", ""]),
  "sec-websocket-key": dice.pick(["dGhlIHNhbXBsZSBub25jZQ==", "fz", ""]),
  "sec-websocket-protocol": dice.pick(["v5.channel.k8s.io", "v4.channel.k8s.io", "fz", "v5.channel.k8s.io, fz"]),
});

export const isObjectPath = (operation: Operation): boolean => operation.path.endsWith("{name}");
