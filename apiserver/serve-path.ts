import { StatusError } from "../api/errors.ts";
import { type Discovery, versionDocument } from "./discovery.ts";
import { type Health, healthReply } from "./health.ts";
import type { Exchange } from "./http/exchange.ts";
import { pretty, wantsPretty } from "./http/rendering.ts";
import { instanceMetrics, type UsageSource } from "./instance-metrics.ts";
import type { Registry } from "./registry/registry.ts";
import { isTrue, noSuchResource, type PathRequest } from "./router.ts";

/** What else the server has to show. */
export interface PathServices {
  discovery: Discovery;
  registry: Registry;
  usage: UsageSource;
  health: () => Health;
  /** As in package.json: `0.1.0`. */
  version: string;
  /** Text for Prometheus. */
  metrics: () => Promise<{ contentType: string; text: string }>;
}

/** Exactly these raw paths need no credentials: load balancers and service managers ask them. */
export const publicPaths: ReadonlySet<string> = new Set(["/healthz", "/livez", "/readyz", "/version"]);

/** The paths that are not about Objects: discovery, health, version, metrics. */
export async function servePath(exchange: Exchange, request: PathRequest, services: PathServices): Promise<void> {
  const reply = answerers.get(request.path);
  if (request.verb !== "get" && request.verb !== "head") {
    throw reply
      ? new StatusError("MethodNotAllowed", "the server does not allow this method on the requested resource", {
          details: {},
        })
      : noSuchResource();
  }
  if (reply) return reply(exchange, request, services);
  const measured = await instanceMetrics(request.segments, request.query, services);
  if (measured) return exchange.json(200, JSON.stringify(measured));
  const document = services.discovery.document(request.path, exchange.accept);
  if (!document) throw noSuchResource();
  exchange.response.setHeader("Vary", "Accept");
  const people = wantsPretty(request.query, exchange.request.headers["user-agent"]);
  return exchange.send(200, document.contentType, people ? pretty(document.body) : document.body);
}

type Answer = (exchange: Exchange, request: PathRequest, services: PathServices) => Promise<void>;

const health: Answer = (exchange, request, services) => {
  exchange.response.setHeader("X-Content-Type-Options", "nosniff");
  const reply = healthReply(request.path.slice(1), services.health(), isTrue(request.query.get("verbose")));
  return exchange.send(reply.code, "text/plain; charset=utf-8", reply.text);
};

const answerers: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ["/healthz", health],
  ["/livez", health],
  ["/readyz", health],
  ["/version", (exchange, _, { version }) => exchange.json(200, versionDocument(version))],
  [
    "/metrics",
    async (exchange, _, { metrics }) => {
      const { contentType, text } = await metrics();
      return exchange.send(200, contentType, text);
    },
  ],
]);
