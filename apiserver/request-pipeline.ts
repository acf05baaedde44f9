import type { Socket } from "node:net";
import { badRequest, isNotFound, isReason, noSuchResource, StatusError } from "../api/errors.ts";
import { makeKey } from "../api/object.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { AuditedRequest } from "./audit/audit-event.ts";
import type { Auditor } from "./audit/auditor.ts";
import { type Authenticator, attempted } from "./authentication/authenticator.ts";
import { budgetOf, type Identity } from "./authentication/identity.ts";
import type { PublicKey } from "./authentication/signing-keys.ts";
import { attributesOf } from "./authorization/attributes.ts";
import { type Authorizer, forbidden, unauthorized } from "./authorization/authorizer.ts";
import { actingUser, impersonates, wantedUser } from "./authorization/impersonation.ts";
import { UserAuthority } from "./authorization/user-authority.ts";
import { Discovery } from "./discovery/discovery.ts";
import { gitVersion } from "./discovery/version.ts";
import type { Health } from "./health.ts";
import type { HookTarget } from "./hooks/hook-target.ts";
import { Hooks, isHook } from "./hooks/hooks.ts";
import type { Carrier, HttpRequest } from "./http/carrier.ts";
import type { Connection, Connections } from "./http/connections.ts";
import { SlowReader } from "./http/event-stream.ts";
import { asStatusError, Exchange } from "./http/exchange.ts";
import { checkHeaders } from "./http/refused-headers.ts";
import { type Limits, RequestLimits } from "./http/request-limits.ts";
import { StreamTurns } from "./http/stream-turns.ts";
import type { OpenApi } from "./openapi/open-api.ts";
import type { ClientRequest } from "./pki/client-request.ts";
import type { Registry } from "./registry/registry.ts";
import { describeRequest, leavesHttp, type RequestInfo } from "./request-info.ts";
import { type MetricsSource, RequestMetrics } from "./request-metrics.ts";
import { type ParsedRequest, Router } from "./router.ts";
import { kubeconfigPath, type PathServices, publicPaths, type SecretKeys, servePath } from "./serve-path.ts";
import type { Services } from "./services.ts";
import { StandingRequests } from "./standing-requests.ts";
import { serveResource } from "./verbs/serve-resource.ts";

/** How long a finished reply may take to leave. */
const LONGEST_FLUSH_MS = 60_000;
/** Requests on one connection whose answers wait for each other. Nobody we know sends more than one. */
const MOST_PIPELINED = 1000;

export interface PipelineOptions {
  registry: Registry;
  secretKeys: SecretKeys;
  /** Resolves with the text of a backup of this daemon. */
  backup: () => Promise<string>;
  /** Resolves with the text of a kubeconfig that holds a new client certificate. */
  kubeconfig: (wanted: ClientRequest) => Promise<string>;
  /** What tokens of ServiceAccounts can be checked with. */
  tokenKeys: () => readonly PublicKey[];
  authenticator: Authenticator;
  /** Throws for what a web page, or a proxy, has somebody send who did not mean it. */
  checkOrigin: (request: HttpRequest) => void;
  authorizer: Authorizer;
  auditor: Auditor;
  hooks: HookTarget;
  logger: Logger;
  clock: Clock;
  health: () => Health;
  /** Called at the first scrape and each one after it. */
  metrics: () => Promise<MetricsSource>;
  /** As in package.json: `0.1.0`. */
  version: string;
  /** From 0 to below 1; spreads the ends of watches. */
  random?: () => number;
}

/** What every request goes through, in this order (but for hooks, which have signatures of their own): credentials, host and other headers, route, limits, impersonation, authorisation, audit, verb. */
export class RequestPipeline {
  readonly #options: PipelineOptions;
  readonly #connections: Connections;
  readonly #router: Router;
  readonly #limits: RequestLimits;
  readonly #standing: StandingRequests;
  readonly #hooks: Hooks;
  readonly #metrics = new RequestMetrics();
  readonly #services: Services;
  readonly #pathServices: PathServices;
  readonly #inFlight = new Map<Exchange, TrackedRequest>();
  #openApiDocuments: Promise<OpenApi> | undefined;
  #onIdle: (() => void)[] = [];
  #closing = false;

  constructor(options: PipelineOptions, limits: Limits, connections: Connections) {
    const { registry, clock, health, version } = options;
    this.#options = options;
    this.#connections = connections;
    this.#router = new Router(registry.storages);
    this.#limits = new RequestLimits(limits, clock);
    this.#standing = new StandingRequests(clock);
    this.#hooks = new Hooks({ ...options, target: options.hooks });
    const streamTurns = new StreamTurns(clock);
    this.#services = { registry, clock, random: options.random ?? Math.random, streamTurns };
    this.#pathServices = {
      secretKeys: options.secretKeys,
      backup: options.backup,
      tokenKeys: options.tokenKeys,
      kubeconfig: options.kubeconfig,
      discovery: new Discovery(registry.storages),
      openApi: () => this.#openApi(),
      wall: () => clock.wall(),
      health,
      version,
      metrics: async () => {
        const others = await options.metrics();
        return { contentType: others.contentType, text: `${await others.metrics()}${this.#metrics.text()}` };
      },
    };
  }

  /** Never rejects, never throws. */
  async serve(carrier: Carrier): Promise<void> {
    const connection = this.#connections.of(carrier.request.socket);
    if (!connection) return carrier.cut(); // It has ended.
    if (connection.isClosing) return carrier.ignore();
    if (connection.inFlight.size >= MOST_PIPELINED) return carrier.cut();
    if (carrier.isUpgrade && connection.inFlight.size > 0) return carrier.cut(); // Its answer has a turn to wait for.
    const exchange = new Exchange(carrier, this.#options.clock);
    const tracked = this.#begin(exchange, connection);
    try {
      await this.#answer(exchange, tracked);
    } catch (error) {
      await this.#refuse(exchange, error);
    }
    await this.#left(exchange);
    this.#finished(exchange, tracked);
  }

  #begin(exchange: Exchange, connection: Connection): TrackedRequest {
    const tracked: TrackedRequest = {
      connection,
      started: this.#options.clock.now(),
      info: { verb: "unknown", resource: "", long: false },
      leave: () => {},
      ended: () => {},
      lost: () => {
        exchange.lost();
        this.#nothingMoreToSend(exchange);
      },
    };
    this.#inFlight.set(exchange, tracked);
    connection.inFlight.add(tracked);
    exchange.response.on("error", () => exchange.cut());
    return tracked;
  }

  async #refuse(exchange: Exchange, error: unknown): Promise<void> {
    if (error instanceof SlowReader) return exchange.cut();
    const status = asStatusError(error, exchange.auditId);
    if (error !== status) {
      const stack = error instanceof Error ? error.stack : String(error);
      this.#options.logger.error("request failed", { auditId: exchange.auditId, error: stack });
    }
    await exchange.fail(status).catch(() => exchange.cut());
  }

  /** Resolves when the reply has left, or never will: an answer that waits behind others says nothing itself when its connection ends. */
  async #left(exchange: Exchange): Promise<void> {
    const insist = this.#options.clock.after(LONGEST_FLUSH_MS, () => exchange.cut());
    await exchange.over;
    insist.cancel();
  }

  #finished(exchange: Exchange, tracked: TrackedRequest): void {
    const { info, started, leave, ended, connection } = tracked;
    const code = exchange.response.statusCode;
    const ms = this.#options.clock.now() - started;
    connection.inFlight.delete(tracked);
    leave();
    ended(code);
    this.#metrics.count(info.verb, info.resource, code, info.long ? undefined : ms);
    this.#options.logger.debug("request", { ...info, code, ms: Math.round(ms), auditId: exchange.auditId });
    this.#nothingMoreToSend(exchange);
  }

  #nothingMoreToSend(exchange: Exchange): void {
    this.#inFlight.delete(exchange);
    if (this.#inFlight.size === 0) for (const idle of this.#onIdle.splice(0)) idle();
  }

  async #answer(exchange: Exchange, tracked: TrackedRequest): Promise<void> {
    const { request } = exchange;
    const user = this.#options.authenticator.authenticate(request);
    // Strangers ask once on a connection.
    if (this.#closing || !user) this.#answerLast(exchange, tracked.connection);
    if (user) this.#connections.belongsTo(tracked.connection, budgetOf(user));
    const path = (request.url ?? "").split("?", 1)[0] as string;
    if (isHook(path)) return this.#serveHook(exchange, tracked.info);
    this.#options.checkOrigin(request);
    checkHeaders(request);
    const { authorizer, auditor } = this.#options;
    if (!user && (!publicPaths.has(path) || impersonates(request))) {
      await auditor.stranger(this.#audited(exchange, undefined), attempted(request));
      throw unauthorized();
    }
    const parsed = this.#router.parse(request.method ?? "", request.url ?? "");
    if (exchange.isUpgrade) requireNoBody(request, parsed);
    describeRequest(tracked.info, parsed, user);
    const isPublic = publicPaths.has(path);
    if (!user || (isPublic && !impersonates(request))) return this.#dispatch(exchange, parsed);
    // Before anything that is written down.
    tracked.leave = this.#enter(user, tracked.info);
    const acting = await this.#actingUser(exchange, user);
    if (acting !== user) tracked.info.as = acting.name;
    if (isPublic) return this.#dispatch(exchange, parsed);
    const attributes = attributesOf(parsed);
    const what = { verb: parsed.verb, object: objectOf(parsed), certificate: certificateIn(parsed) };
    const audited = { ...this.#audited(exchange, user), acting, ...what };
    if (!authorizer.allows(acting, attributes)) {
      await auditor.refused(audited);
      throw forbidden(authorizer, acting, attributes);
    }
    exchange.authority = new UserAuthority(acting, authorizer);
    if (tracked.info.long) this.#standing.add(exchange, () => this.#refusal(exchange, user, parsed));
    if (isChange(parsed)) {
      const change = await auditor.begin(audited);
      exchange.beforeAnswer = (code) => change.ended(code);
      tracked.ended = (code) => void change.ended(code); // Of what was never answered, and of sessions.
    } else if (showsSecrets(parsed)) await this.#watchReading(exchange, audited, tracked.info);
    await this.#dispatch(exchange, parsed);
  }

  /** Whoever sends it, and by whatever name he found this server: what counts is its signature, which no web page can make. */
  async #serveHook(exchange: Exchange, info: RequestInfo): Promise<void> {
    const { request } = exchange;
    checkHeaders(request);
    const parsed = this.#router.parse(request.method ?? "", request.url ?? "");
    describeRequest(info, parsed);
    if (parsed.kind !== "path") throw noSuchResource();
    if (exchange.isUpgrade) requireNoBody(request, parsed);
    await this.#hooks.serve(exchange, parsed.path, this.#audited(exchange, undefined));
  }

  /** Loaded when somebody asks: many daemons never show it. */
  #openApi(): Promise<OpenApi> {
    const { registry, version } = this.#options;
    this.#openApiDocuments ??= import("./openapi/open-api.ts").then(
      ({ OpenApi }) => new OpenApi(registry.storages, gitVersion(version)),
    );
    return this.#openApiDocuments;
  }

  /** A watch is written down when it begins; all else when its code is known. What then can't be written down is not shown. */
  async #watchReading(exchange: Exchange, audited: AuditedRequest, { long }: RequestInfo): Promise<void> {
    const { auditor } = this.#options;
    if (long) return auditor.read(audited);
    exchange.beforeAnswer = (code) => {
      exchange.beforeAnswer = undefined; // The refusal shows nothing.
      return auditor.read(audited, code);
    };
  }

  /** Why the request would be refused if it came now. */
  async #refusal({ request }: Exchange, user: Identity, parsed: ParsedRequest): Promise<StatusError | undefined> {
    const { authenticator, authorizer } = this.#options;
    if (!authenticator.holds(request)) return unauthorized();
    const attributes = attributesOf(parsed);
    try {
      const acting = actingUser(request, user, authorizer);
      if (!authorizer.allows(acting, attributes)) return forbidden(authorizer, acting, attributes);
      if (parsed.kind === "path") return undefined;
      const { storage, namespace, name = "" } = parsed;
      await storage.assertMayExec?.(makeKey(namespace, name), new UserAuthority(acting, authorizer));
      return undefined;
    } catch (error) {
      return isNotFound(error) ? undefined : asStatusError(error, ""); // With what it is about, its session ends by itself.
    }
  }

  /** As whom the request is served. That this was refused is written down too. */
  async #actingUser(exchange: Exchange, user: Identity): Promise<Identity> {
    try {
      return actingUser(exchange.request, user, this.#options.authorizer);
    } catch (error) {
      if (isReason(error, "Forbidden")) {
        const acting = wantedUser(exchange.request);
        await this.#options.auditor.refused({ ...this.#audited(exchange, user), verb: "impersonate", acting });
      }
      throw error;
    }
  }

  #audited({ request, auditId, learned }: Exchange, user: Identity | undefined): AuditedRequest {
    return {
      auditId,
      user,
      verb: (request.method ?? "").toLowerCase(),
      learned,
      path: (request.url ?? "").split("?", 1)[0] ?? "",
      address: request.socket.remoteAddress,
      userAgent: request.headers["user-agent"],
      received: this.#options.clock.wall(),
    };
  }

  #answerLast(exchange: Exchange, connection: Connection): void {
    exchange.answerLast();
    connection.isClosing = true;
  }

  /** The request counts until the reply has left: a client that does not read uses up its own share. */
  #enter(user: Identity, { long, resource }: RequestInfo): () => void {
    const leave = this.#limits.enter(budgetOf(user), long);
    if (!long) return leave;
    this.#metrics.streams(resource, 1);
    return () => {
      leave();
      this.#metrics.streams(resource, -1);
    };
  }

  #dispatch(exchange: Exchange, parsed: ParsedRequest): Promise<void> {
    return parsed.kind === "path"
      ? servePath(exchange, parsed, this.#pathServices)
      : serveResource(exchange, parsed, this.#services);
  }

  isAnswering(socket: Socket): boolean {
    return (this.#connections.of(socket)?.inFlight.size ?? 0) > 0;
  }

  /** Ends watches, followed logs and commands; requests that come later are answered, and their connection is closed. */
  endStreams(): void {
    this.#closing = true;
    const why = new StatusError("ServiceUnavailable", "the daemon is stopping");
    for (const [exchange, { info }] of this.#inFlight) if (info.long) exchange.end(why);
  }

  /** Resolves when every reply has left that still can. */
  drained(): Promise<void> {
    if (this.#inFlight.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }
}

interface TrackedRequest {
  connection: Connection;
  /** Called when the connection ends. */
  lost: () => void;
  /** Monotonic. */
  started: number;
  info: RequestInfo;
  leave: () => void;
  /** Called with the code of the answer when it has left. */
  ended: (code: number) => void;
}

/** Verbs that change nothing. A question by `create` does not either. */
const reading: ReadonlySet<string> = new Set(["get", "head", "list", "watch", "options"]);

const isChange = (parsed: ParsedRequest): boolean =>
  !reading.has(parsed.verb) && (parsed.kind === "path" || parsed.storage.isQuestion !== true);

const showsSecrets = (parsed: ParsedRequest): boolean =>
  parsed.kind === "resource" && parsed.storage.isConfidential === true;

const objectOf = (parsed: ParsedRequest): AuditedRequest["object"] => (parsed.kind === "path" ? undefined : parsed);

const certificateIn = (parsed: ParsedRequest): AuditedRequest["certificate"] =>
  parsed.kind === "path" && parsed.path === kubeconfigPath
    ? { user: parsed.query.get("user") ?? "", groups: parsed.query.getAll("group") }
    : undefined;

/** Node reads no body of a request for another protocol. What does not need that protocol is answered in this one (RFC 9110, 7.8). */
function requireNoBody({ method }: HttpRequest, parsed: ParsedRequest): void {
  if (method !== "GET" && method !== "HEAD" && !leavesHttp(parsed))
    throw badRequest("a request with a body is answered in HTTP only: leave out the header Upgrade");
}
