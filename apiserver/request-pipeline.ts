import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { Authenticator } from "./authentication/authenticator.ts";
import type { Identity } from "./authentication/identity.ts";
import { attributesOf } from "./authorization/attributes.ts";
import { type Authorizer, forbidden, unauthorized } from "./authorization/authorizer.ts";
import { Discovery } from "./discovery.ts";
import type { Health } from "./health.ts";
import type { Connection, Connections } from "./http/connections.ts";
import { SlowReader } from "./http/event-stream.ts";
import { asStatusError, Exchange } from "./http/exchange.ts";
import { checkHost } from "./http/host-check.ts";
import { isTrue } from "./http/query.ts";
import { checkHeaders } from "./http/refused-headers.ts";
import { type Limits, RequestLimits } from "./http/request-limits.ts";
import type { Registry } from "./registry/registry.ts";
import { type MetricsSource, RequestMetrics } from "./request-metrics.ts";
import { type ParsedRequest, Router } from "./router.ts";
import { type PathServices, publicPaths, rotateKeyPath, type SecretKeys, servePath } from "./serve-path.ts";
import type { Services } from "./services.ts";
import { serveResource } from "./verbs/serve-resource.ts";

/** How long a finished reply may take to leave. */
const LONGEST_FLUSH_MS = 60_000;
/** Requests on one connection whose answers wait for each other. Nobody we know sends more than one. */
const MOST_PIPELINED = 1000;

export interface PipelineOptions {
  registry: Registry;
  secretKeys: SecretKeys;
  authenticator: Authenticator;
  authorizer: Authorizer;
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

/** What every request goes through, in this order: credentials, host and other headers, route, limits, authorisation, verb. */
export class RequestPipeline {
  readonly #options: PipelineOptions;
  readonly #connections: Connections;
  readonly #names: ReadonlySet<string>;
  readonly #router: Router;
  readonly #limits: RequestLimits;
  readonly #metrics = new RequestMetrics();
  readonly #services: Services;
  readonly #pathServices: PathServices;
  readonly #underWay = new Map<Exchange, UnderWay>();
  #onIdle: (() => void)[] = [];
  #closing = false;

  constructor(options: PipelineOptions, limits: Limits, connections: Connections, names: ReadonlySet<string>) {
    const { registry, clock, health, version } = options;
    this.#options = options;
    this.#connections = connections;
    this.#names = names;
    this.#router = new Router(registry.storages);
    this.#limits = new RequestLimits(limits);
    this.#services = { registry, clock, random: options.random ?? Math.random };
    this.#pathServices = {
      secretKeys: options.secretKeys,
      discovery: new Discovery(registry.storages),
      health,
      version,
      metrics: async () => {
        const others = await options.metrics();
        return { contentType: others.contentType, text: `${await others.metrics()}${this.#metrics.text()}` };
      },
    };
  }

  /** Never rejects, never throws. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const connection = this.#connections.of(request.socket);
    if (!connection) return void request.socket.destroy(); // It has ended.
    if (connection.isClosing) return; // Dropped with the connection, as soon as the last answer has left.
    if (connection.underWay.size >= MOST_PIPELINED) return void request.socket.destroy();
    const exchange = new Exchange(request, response, this.#options.clock);
    const underWay = this.#begin(exchange, connection);
    try {
      await this.#answer(exchange, underWay);
    } catch (error) {
      await this.#refuse(exchange, error);
    }
    await this.#left(exchange);
    this.#finished(exchange, underWay);
  }

  #begin(exchange: Exchange, connection: Connection): UnderWay {
    const underWay: UnderWay = {
      connection,
      started: this.#options.clock.now(),
      seen: { verb: "unknown", resource: "", long: false },
      leave: () => {},
      lost: () => {
        exchange.lost();
        this.#nothingMoreToSend(exchange);
      },
    };
    this.#underWay.set(exchange, underWay);
    connection.underWay.add(underWay);
    exchange.response.on("error", () => exchange.cut());
    return underWay;
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

  #finished(exchange: Exchange, underWay: UnderWay): void {
    const { seen, started, leave, connection } = underWay;
    const code = exchange.response.statusCode;
    const ms = this.#options.clock.now() - started;
    connection.underWay.delete(underWay);
    leave();
    this.#metrics.count(seen.verb, seen.resource, code, seen.long ? undefined : ms);
    this.#options.logger.debug("request", { ...seen, code, ms: Math.round(ms), auditId: exchange.auditId });
    this.#nothingMoreToSend(exchange);
  }

  #nothingMoreToSend(exchange: Exchange): void {
    this.#underWay.delete(exchange);
    if (this.#underWay.size === 0) for (const idle of this.#onIdle.splice(0)) idle();
  }

  async #answer(exchange: Exchange, underWay: UnderWay): Promise<void> {
    const { request } = exchange;
    const user = this.#options.authenticator.authenticate(request);
    // Strangers ask once on a connection.
    if (this.#closing || !user) this.#answerLast(exchange, underWay.connection);
    if (user) this.#connections.belongsTo(underWay.connection, user.name);
    checkHost(request, this.#names);
    checkHeaders(request);
    const path = (request.url ?? "").split("?", 1)[0] as string;
    if (!user && !publicPaths.has(path)) throw unauthorized();
    const parsed = this.#router.parse(request.method ?? "", request.url ?? "");
    see(underWay.seen, parsed, user);
    if (!user || publicPaths.has(path)) return this.#dispatch(exchange, parsed);
    underWay.leave = this.#enter(user, underWay.seen);
    const attributes = attributesOf(parsed);
    if (!this.#options.authorizer.allows(user, attributes)) throw forbidden(user, attributes);
    exchange.user = user;
    await this.#dispatch(exchange, parsed);
  }

  #answerLast({ response }: Exchange, connection: Connection): void {
    response.setHeader("Connection", "close");
    connection.isClosing = true;
  }

  /** The request counts until the reply has left: a client that does not read uses up its own share. */
  #enter(user: Identity, { long, resource }: Seen): () => void {
    const leave = this.#limits.enter(user.name, long);
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
    return (this.#connections.of(socket)?.underWay.size ?? 0) > 0;
  }

  /** Ends watches and followed logs; requests that come later are answered, and their connection is closed. */
  endStreams(): void {
    this.#closing = true;
    for (const [exchange, { seen }] of this.#underWay) if (seen.long) exchange.end();
  }

  /** Resolves when every reply has left that still can. */
  drained(): Promise<void> {
    if (this.#underWay.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }
}

interface UnderWay {
  connection: Connection;
  /** Called when the connection ends. */
  lost: () => void;
  /** Monotonic. */
  started: number;
  seen: Seen;
  leave: () => void;
}

/** What the metrics and the log may know of a request. */
interface Seen {
  verb: string;
  resource: string;
  user?: string;
  /** Watches and followed logs. */
  long: boolean;
}

const servedPaths = new Set(["/metrics", "/version", "/healthz", "/livez", "/readyz", "/api", "/apis", rotateKeyPath]);
const pathVerbs = new Set(["get", "head", "post", "put", "patch", "delete", "options"]);

/** Bounded words only: a path that we do not serve is `other`. */
function see(seen: Seen, parsed: ParsedRequest, user: Identity | undefined): void {
  if (user) seen.user = user.name;
  if (parsed.kind === "path") {
    seen.verb = pathVerbs.has(parsed.verb) ? parsed.verb : "other";
    seen.resource = servedPaths.has(parsed.path) ? parsed.path : "other";
    return;
  }
  const { resource, storage, subresource, verb, query } = parsed;
  seen.verb = verb;
  seen.resource = `${resource.plural}${resource.group ? `.${resource.group}` : ""}${subresource ? `/${subresource}` : ""}`;
  seen.long = verb === "watch" || (storage.streamLog !== undefined && isTrue(query.get("follow")));
}
