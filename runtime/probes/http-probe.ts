import { type IncomingMessage, type RequestOptions, request } from "node:http";
import { request as requestTls } from "node:https";
import { isIP } from "node:net";
import { wctlVersion } from "../../lib/version.ts";
import { dialError, joinHostPort } from "./dial-error.ts";
import type { ProbeAction } from "./probe-action.ts";
import { type ProbeHost, probeHost } from "./probe-host.ts";
import { failure, success, timedOut } from "./probe-results.ts";
import type { ProbeResult, ProbeSpec } from "./prober.ts";

type HttpGet = NonNullable<ProbeSpec["httpGet"]>;

interface Answer {
  status: number;
  location: string | undefined;
  /** At most 10 KiB. */
  body: string;
}

const MAX_BODY = 10 * 1024;
const MAX_REQUESTS = 10;
const followed = new Set([301, 302, 303, 307, 308]);

/**
 * Healthy when the answer is 200 to 399 (kubelet's `pkg/probe/http`). Each request has a connection of its own; certificates are not verified, no proxy
 * is used. Redirects are followed on the same host only: one that leads elsewhere is healthy, with a warning. Messages are kubelet's, and never
 * hold the body of a failure, which may be anybody's secret.
 */
export class HttpProbe implements ProbeAction {
  readonly #get: HttpGet;
  #headers: Record<string, string | string[]> | undefined;
  readonly #allowRemoteHosts: boolean;

  constructor(get: HttpGet, allowRemoteHosts: boolean) {
    this.#get = get;
    this.#allowRemoteHosts = allowRemoteHosts;
  }

  async run(signal: AbortSignal): Promise<ProbeResult> {
    this.#headers ??= headersOf(this.#get);
    const host = probeHost(this.#get.host ?? "127.0.0.1", this.#allowRemoteHosts);
    let url = urlOf(this.#get);
    try {
      for (let requests = 1; ; requests++) {
        const answer = await this.#ask(url, host, signal);
        const next = redirectOf(answer, url);
        if (!next || next.hostname !== url.hostname) return judge(answer);
        url = next;
        if (requests === MAX_REQUESTS) throw new Error(`stopped after ${MAX_REQUESTS} redirects`);
      }
    } catch (error) {
      if (signal.aborted && signal.reason !== timedOut) throw error;
      return failure(`Get "${shown(url)}": ${signal.aborted ? exceeded(error) : described(error, url)}`);
    }
  }

  /** Connects to `host` whatever the URL's spelling of it: only port, path and scheme can change on the way. */
  #ask(url: URL, { name, lookup }: ProbeHost, signal: AbortSignal): Promise<Answer> {
    const options: RequestOptions & { rejectUnauthorized: boolean; servername: string } = {
      host: name,
      port: portOf(url),
      path: url.pathname + url.search,
      headers: { host: url.host, ...this.#headers },
      agent: false,
      lookup,
      rejectUnauthorized: false,
      servername: isIP(name) ? "" : name,
    };
    return new Promise((resolve, reject) => {
      const asked = url.protocol === "https:" ? requestTls(options) : request(options);
      const onAbort = (): void => void asked.destroy(new Error("aborted"));
      signal.addEventListener("abort", onAbort, { once: true });
      asked.once("close", () => signal.removeEventListener("abort", onAbort));
      let answered = false;
      const fail = (error: unknown): void => reject(answered ? new BodyError("reading body", { cause: error }) : error);
      asked.on("error", fail);
      asked.once("response", (response) => {
        answered = true;
        read(response).then(resolve, fail);
      });
      asked.end();
    });
  }
}

class BodyError extends Error {}

/** Up to the limit; what is longer is cut off and no fault. */
function read(response: IncomingMessage): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const finish = (): void => {
      const body = Buffer.concat(chunks).subarray(0, MAX_BODY).toString();
      resolve({ status: response.statusCode ?? 0, location: response.headers.location, body });
    };
    response.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length < MAX_BODY) return;
      finish();
      response.destroy();
    });
    response.once("end", finish);
    response.on("error", reject);
    response.once("close", () => reject(new Error("closed")));
  });
}

function judge({ status, body }: Answer): ProbeResult {
  if (status < 200 || status >= 400) return failure(`HTTP probe failed with statuscode: ${status}`);
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

/** An empty User-Agent or Accept leaves the header out. */
function headersOf({ httpHeaders = [] }: HttpGet): Record<string, string | string[]> {
  const headers: Record<string, string[]> = {};
  for (const { name, value: given } of httpHeaders) {
    const key = name.toLowerCase();
    const value = typeof given === "string" ? given : given();
    if (value === undefined) continue;
    headers[key] = [...(headers[key] ?? []), value];
  }
  const all: Record<string, string | string[]> = {
    "user-agent": `wctl-probe/${wctlVersion}`,
    accept: "*/*",
    ...headers,
  };
  for (const key of ["user-agent", "accept"]) if (headers[key]?.[0] === "") delete all[key];
  const [host] = headers.host ?? [];
  if (host !== undefined) all.host = host;
  return all;
}

const portOf = (url: URL): number => Number(url.port) || (url.protocol === "https:" ? 443 : 80);

/** With its port, which `href` leaves out when it is the scheme's own. */
const shown = (url: URL): string => `${url.protocol}//${url.hostname}:${portOf(url)}${url.pathname}${url.search}`;

const exceeded = (error: unknown): string =>
  error instanceof BodyError
    ? "context deadline exceeded (Client.Timeout or context cancellation while reading body)"
    : "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";

function described(error: unknown, url: URL): string {
  if (error instanceof BodyError) return "unexpected EOF";
  const { code = "", message, syscall } = error as NodeJS.ErrnoException;
  if (message === "socket hang up") return "EOF";
  if (code === "ECONNRESET") return "read: connection reset by peer";
  if (code === "EPROTO") return "http: server gave HTTP response to HTTPS client";
  if (code.startsWith("HPE_")) return `net/http: HTTP/1.x transport connection broken: ${message}`;
  if (error instanceof AggregateError || syscall)
    return dialError(error, joinHostPort(url.hostname.replace(/^\[|\]$/g, ""), portOf(url)));
  return message;
}
