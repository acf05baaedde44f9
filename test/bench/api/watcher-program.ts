/**
 * Holds watches, in a process of its own, and tells when each event came: `node watcher-program.ts`, started with an IPC channel. It is told a WatchOrder, says
 * "ready" when all watches stand, answers "count" with the number of events so far, and "report" with a Seen. Times are those of CLOCK_MONOTONIC, which all processes share.
 */
import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect as connectTls } from "node:tls";
import type { Endpoint } from "../../../api/http/transport.ts";
import { quantile, round } from "../result.ts";
import { credentialsOf, http1To } from "./connection.ts";

export interface WatchOrder {
  endpoint: Endpoint;
  protocol: "http1" | "http2";
  path: string;
  accept: string;
  watchers: number;
  /** So many more, which take nothing. */
  slow: number;
}

export interface Seen {
  events: number;
  /** Of the watcher that saw least. */
  fewest: number;
  p50Ms: number;
  p99Ms: number;
  worstMs: number;
  cpuMs: number;
}

/** As `stampOf` wrote it. */
const MARK = Buffer.from('"sent":"');
const STAMP_DIGITS = 16;
const STREAMS_PER_CONNECTION = 100;

/** The annotation `sent` of what is written: microseconds. */
export const stampOf = (): string => String(process.hrtime.bigint() / 1000n).padStart(STAMP_DIGITS, "0");

const delays: number[] = [];
const watchers: Watcher[] = [];

class Watcher {
  events = 0;
  #rest: Buffer = Buffer.alloc(0);

  hear(chunk: Buffer): void {
    const now = Number(process.hrtime.bigint() / 1000n);
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (;;) {
      const found = bytes.indexOf(MARK, at);
      const end = found + MARK.length + STAMP_DIGITS;
      if (found < 0 || end > bytes.length) break;
      delays.push(now - Number(bytes.toString("latin1", found + MARK.length, end)));
      this.events++;
      at = end;
    }
    this.#rest = bytes.subarray(Math.max(at, bytes.length - MARK.length - STAMP_DIGITS));
  }
}

async function overHttp1({ endpoint, path, accept }: WatchOrder, watcher: Watcher | undefined): Promise<void> {
  const socket = connectTls(http1To(endpoint));
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.once("data", () => {
      if (watcher) socket.on("data", (chunk: Buffer) => watcher.hear(chunk));
      else socket.pause();
      resolve();
    });
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${new URL(endpoint.server).host}\r\nAccept: ${accept}\r\n\r\n`);
  });
}

async function overHttp2(
  session: ClientHttp2Session,
  { path, accept }: WatchOrder,
  watcher: Watcher | undefined,
): Promise<void> {
  const stream = session.request({ ":path": path, accept });
  await new Promise<void>((resolve, reject) => {
    stream.on("error", reject);
    stream.once("response", () => {
      if (watcher) stream.on("data", (chunk: Buffer) => watcher.hear(chunk));
      resolve();
    });
  });
}

/** With the windows of client-go: 4 MiB for a stream, and 1 GiB for a connection. */
async function openSession(endpoint: Endpoint): Promise<ClientHttp2Session> {
  const session = connectHttp2(endpoint.server, {
    ...credentialsOf(endpoint),
    settings: { initialWindowSize: 4 * 2 ** 20 },
  });
  await once(session, "connect");
  session.setLocalWindowSize(2 ** 30);
  return session;
}

async function watchAll(order: WatchOrder): Promise<void> {
  const { endpoint, protocol, watchers: count, slow } = order;
  const sessions: ClientHttp2Session[] = [];
  for (let at = 0; at < count + slow; at++) {
    const watcher = at < count ? new Watcher() : undefined;
    if (watcher) watchers.push(watcher);
    if (protocol === "http1") await overHttp1(order, watcher);
    else {
      sessions[Math.floor(at / STREAMS_PER_CONNECTION)] ??= await openSession(endpoint);
      await overHttp2(sessions.at(-1)!, order, watcher);
    }
  }
}

function seen(): Seen {
  const { user, system } = process.cpuUsage();
  return {
    events: delays.length,
    fewest: Math.min(...watchers.map(({ events }) => events)),
    p50Ms: quantile(delays, 0.5) / 1000,
    p99Ms: quantile(delays, 0.99) / 1000,
    worstMs: quantile(delays, 1) / 1000,
    cpuMs: round((user + system) / 1000),
  };
}

process.on("message", async (order: WatchOrder | "count" | "report") => {
  if (order === "count") return process.send?.(delays.length);
  if (order === "report") return process.send?.(seen());
  await watchAll(order);
  process.send?.("ready");
});
