import { badRequest, methodNotAllowed, noSuchResource } from "../api/errors.ts";
import { ISSUER } from "./authentication/service-account-tokens.ts";
import type { PublicKey } from "./authentication/signing-keys.ts";
import type { Discovery } from "./discovery/discovery.ts";
import { versionDocument } from "./discovery/version.ts";
import { type Health, healthReply } from "./health.ts";
import type { Exchange } from "./http/exchange.ts";
import { isTrue } from "./http/query.ts";
import type { OpenApi } from "./openapi/open-api.ts";
import { type ClientRequest, clientRequestOf } from "./pki/client-request.ts";
import { pretty, wantsPretty } from "./printing/rendering.ts";
import type { PathRequest } from "./router.ts";

/** The keys of the Secrets. */
export interface SecretKeys {
  /** Rejects with Conflict while another rotation is in progress. With `dryRun` nothing is changed. */
  rotate(options: { dryRun: boolean }): Promise<object>;
}

/** What else the server has to show, or can be asked to do. */
export interface PathServices {
  discovery: Discovery;
  /** Loaded when somebody asks. */
  openApi: () => Promise<OpenApi>;
  wall: () => Date;
  secretKeys: SecretKeys;
  /** Resolves with the text of a backup of this daemon. */
  backup: () => Promise<string>;
  /** Resolves with the text of a kubeconfig that holds a new client certificate. */
  kubeconfig: (wanted: ClientRequest) => Promise<string>;
  /** What tokens of ServiceAccounts can be checked with. */
  tokenKeys: () => readonly PublicKey[];
  health: () => Health;
  /** As in package.json: `0.1.0`. */
  version: string;
  /** Text for Prometheus. */
  metrics: () => Promise<{ contentType: string; text: string }>;
}

/** Exactly these raw paths need no credentials: load balancers and service managers ask them. */
export const publicPaths: ReadonlySet<string> = new Set(["/healthz", "/livez", "/readyz", "/version", "/version/"]);

/** The paths that are not about Objects: discovery, health, version, metrics. */
export async function servePath(exchange: Exchange, request: PathRequest, services: PathServices): Promise<void> {
  const act = actors.get(request.path);
  const reply = answerers.get(request.path);
  const isReading = request.verb === "get" || request.verb === "head";
  if (act && request.verb === "post") return act(exchange, request, services);
  if (act || (reply && !isReading)) throw methodNotAllowed();
  if (!isReading) throw noSuchResource();
  if (reply) return reply(exchange, request, services);
  if (isOpenApi(request.path)) {
    const { serveOpenApi } = await import("./openapi/serve-open-api.ts");
    return serveOpenApi(exchange, request, await services.openApi(), services.wall());
  }
  const document = services.discovery.document(request.path, exchange.accept);
  if (!document) throw noSuchResource();
  exchange.response.setHeader("Vary", "Accept");
  const people = wantsPretty(request.query, exchange.request.headers["user-agent"]);
  if (people) return exchange.send(200, document.contentType, pretty(document.bytes.toString("utf8")));
  return exchange.sendKept(document);
}

const isOpenApi = (path: string): boolean => /^\/openapi\/(v2|v3(\/.+)?)$/.test(path);

/** Not of Kubernetes: there a new key is a matter of files and restarts. */
export const rotateKeyPath = "/secretkeys/rotate";
/** Not of Kubernetes either, whose store is backed up by etcdctl. By POST, because its answer is every Secret: whoever may only read gets none. */
export const backupPath = "/backup";
/** A client certificate with its key, as a kubeconfig. Whoever may ask for one may be whoever he wants, but for the system. */
export const kubeconfigPath = "/kubeconfigs";

/** By these two, programs that know OpenID Connect check tokens of ServiceAccounts themselves (RFC 8414, RFC 7517). */
export const openIdPath = "/.well-known/openid-configuration";
export const tokenKeysPath = "/openid/v1/jwks";

type Answer = (exchange: Exchange, request: PathRequest, services: PathServices) => Promise<void>;

const health: Answer = (exchange, request, services) => {
  exchange.response.setHeader("X-Content-Type-Options", "nosniff");
  const reply = healthReply(request.path.slice(1), services.health(), isTrue(request.query.get("verbose")));
  return exchange.send(reply.code, "text/plain; charset=utf-8", reply.text);
};

const openId: Answer = (exchange) => {
  const document = {
    issuer: ISSUER,
    jwks_uri: `https://${exchange.request.headers.host}${tokenKeysPath}`, // As it was reached: that name has been checked.
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["ES256"],
  };
  exchange.response.setHeader("Cache-Control", KEYS_HOLD);
  return exchange.json(200, JSON.stringify(document));
};

const tokenKeys: Answer = (exchange, _, services) => {
  exchange.response.setHeader("Cache-Control", KEYS_HOLD);
  return exchange.send(200, "application/jwk-set+json", JSON.stringify({ keys: services.tokenKeys() }));
};

const KEYS_HOLD = "public, max-age=3600";

const answerers: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ["/healthz", health],
  ["/livez", health],
  ["/readyz", health],
  [openIdPath, openId],
  [tokenKeysPath, tokenKeys],
  ["/version", (exchange, _, { version }) => exchange.json(200, versionDocument(version))],
  [
    "/metrics",
    async (exchange, _, { metrics }) => {
      const { contentType, text } = await metrics();
      return exchange.send(200, contentType, text);
    },
  ],
]);

/** What is asked for by POST. A `dryRun=All` that is accepted only looks, as for Objects. */
const actors: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  [backupPath, async (exchange, _, { backup }) => exchange.sendLong(200, "application/json", await backup())],
  [
    kubeconfigPath,
    async (exchange, { query }, { kubeconfig }) =>
      exchange.send(200, "application/yaml", await kubeconfig(clientRequestOf(query))),
  ],
  [
    rotateKeyPath,
    async (exchange, { query }, { secretKeys }) => {
      const dryRun = query.get("dryRun");
      if (dryRun !== null && dryRun !== "All") throw badRequest(`dryRun: ${JSON.stringify(dryRun)} is not All`);
      exchange.learned.isDryRun = dryRun === "All";
      return exchange.json(200, `${JSON.stringify(await secretKeys.rotate({ dryRun: dryRun === "All" }))}\n`);
    },
  ],
]);
