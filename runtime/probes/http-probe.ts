import { dialError, joinHostPort } from "./dial-error.ts";
import { BodyError, exchange, portOf } from "./http-exchange.ts";
import { Cut, Malformed } from "./http-faults.ts";
import { headersOf, type ProbeHeaders, requestText } from "./http-request.ts";
import type { Answer } from "./http-response.ts";
import type { ProbeAction } from "./probe-action.ts";
import { probeHost } from "./probe-host.ts";
import { failure, success, timedOut } from "./probe-results.ts";
import type { ProbeResult, ProbeSpec } from "./prober.ts";
import { tlsError } from "./tls-error.ts";

type HttpGet = NonNullable<ProbeSpec["httpGet"]>;

const MAX_REQUESTS = 10;
const followed = new Set([301, 302, 303, 307, 308]);

/**
 * Healthy when the answer is 200 to 399 (kubelet's `pkg/probe/http`). Each request has a connection of its own; certificates are not verified, no proxy
 * is used. Redirects are followed on the same host only: one that leads elsewhere is healthy, with a warning. Messages are kubelet's, and never
 * hold the body of a failure, which may be anybody's secret.
 */
export class HttpProbe implements ProbeAction {
  readonly #get: HttpGet;
  #headers: ProbeHeaders | undefined;
  readonly #allowRemoteHosts: boolean;

  constructor(get: HttpGet, allowRemoteHosts: boolean) {
    this.#get = get;
    this.#allowRemoteHosts = allowRemoteHosts;
  }

  async run(signal: AbortSignal): Promise<ProbeResult> {
    this.#headers ??= headersOf(this.#get);
    const host = probeHost(this.#get.host ?? "127.0.0.1", this.#allowRemoteHosts);
    let url = urlOf(this.#get);
    let hostHeader = this.#headers.host ?? url.host;
    try {
      for (let requests = 1; ; requests++) {
        // Connects to `host` whatever the URL's spelling of it: only port, path and scheme can change on the way.
        const answer = await exchange(url, requestText(url, hostHeader, this.#headers), host, signal);
        const next = redirectOf(answer, url);
        if (!next || next.hostname !== url.hostname) return judge(answer);
        // As Go: a relative redirect keeps the declared Host, an absolute one names its own.
        if (URL.canParse(answer.location ?? "")) hostHeader = next.host;
        url = next;
        if (requests === MAX_REQUESTS) throw new Error(`stopped after ${MAX_REQUESTS} redirects`);
      }
    } catch (error) {
      if (signal.aborted && signal.reason !== timedOut) throw error;
      if (error instanceof BodyError && !isHealthy(error.status)) return judged(error.status);
      return failure(`Get "${shown(url)}": ${signal.aborted ? exceeded(error) : described(error, url)}`);
    }
  }
}

const isHealthy = (status: number): boolean => status >= 200 && status < 400;
const judged = (status: number): ProbeResult => failure(`HTTP probe failed with statuscode: ${status}`);

function judge({ status, body }: Answer): ProbeResult {
  if (!isHealthy(status)) return judged(status);
  if (status < 300) return success(body);
  return { ...success(`Probe terminated redirects, Response body: ${body}`), warning: true };
}

function redirectOf({ status, location }: Answer, url: URL): URL | undefined {
  if (!followed.has(status) || !location) return undefined;
  const next = URL.parse(location, url.href);
  if (!next) throw new Error(`failed to parse Location header ${JSON.stringify(location)}`);
  if (next.protocol !== "http:" && next.protocol !== "https:")
    throw new Error(`unsupported protocol scheme "${next.protocol.slice(0, -1)}"`);
  return next;
}

/** The path may carry a query, as in Kubernetes. */
function urlOf({ host = "127.0.0.1", port, path = "/", scheme = "HTTP" }: HttpGet): URL {
  const origin = `${scheme.toLowerCase()}://${joinHostPort(host, port)}`;
  return new URL(`${origin}${path.startsWith("/") ? "" : "/"}${path}`);
}

/** With its port, which `href` leaves out when it is the scheme's own. */
const shown = (url: URL): string => `${url.protocol}//${url.hostname}:${portOf(url)}${url.pathname}${url.search}`;

const exceeded = (error: unknown): string =>
  error instanceof BodyError
    ? "context deadline exceeded (Client.Timeout or context cancellation while reading body)"
    : "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";

function described(error: unknown, url: URL): string {
  if (error instanceof BodyError) return error.cause instanceof Malformed ? error.cause.message : "unexpected EOF";
  if (error instanceof Malformed) return `net/http: HTTP/1.x transport connection broken: ${error.message}`;
  if (error instanceof Cut) return error.message;
  const { code = "", message, syscall } = error as NodeJS.ErrnoException;
  const tls = tlsError(error);
  if (tls !== undefined) return tls;
  if (code === "ECONNRESET") return "read: connection reset by peer";
  if (error instanceof AggregateError || syscall)
    return dialError(error, joinHostPort(url.hostname.replace(/^\[|\]$/g, ""), portOf(url)));
  return message;
}
