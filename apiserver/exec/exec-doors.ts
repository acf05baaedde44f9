import type { IncomingHttpHeaders } from "node:http";
import { badRequest } from "../../api/errors.ts";
import { channels, EXEC_PROTOCOL, type ExecConnection } from "../../api/exec/exec-connection.ts";
import { execRequestOf } from "../../api/exec/exec-query.ts";
import type { ExecRequest } from "../../api/exec/exec-session.ts";
import { FramedConnection } from "../../api/exec/framed-connection.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Exchange } from "../http/exchange.ts";
import { podExecOptionsOf } from "./pod-exec-options.ts";
import { WebSocketConnection } from "./websocket-connection.ts";
import { acceptOf } from "./websocket-frames.ts";

/** How a client is answered that wants to run a command. */
export interface ExecDoor {
  request: ExecRequest;
  /** From here on the connection is the session's. Undefined: the client has gone, or does not do its part. */
  open(exchange: Exchange, clock: Clock): ExecConnection | Promise<ExecConnection | undefined>;
}

/** The best first. */
const channelProtocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"] as const;

/** By what the client asks its connection to become: our own protocol, a WebSocket, or SPDY. Throws BadRequest for all else. */
export function execDoorOf(exchange: Exchange, query: URLSearchParams, name: string): ExecDoor {
  const { headers, method } = exchange.request;
  const upgrade = exchange.isUpgrade ? (headers.upgrade ?? "").toLowerCase() : "";
  if (upgrade === EXEC_PROTOCOL && method === "POST") {
    return {
      request: execRequestOf(query),
      open: (exchange) => new FramedConnection(exchange.switchTo(EXEC_PROTOCOL)),
    };
  }
  if (upgrade === "websocket" && method === "GET") return webSocketDoor(headers, query, name);
  if (upgrade === "spdy/3.1" && method === "POST") return spdyDoor(headers, query, name);
  throw badRequest(
    `exec needs HTTP/1.1 and the headers Connection: Upgrade, and Upgrade: websocket (GET), SPDY/3.1 or ${EXEC_PROTOCOL} (POST)`,
  );
}

function webSocketDoor(headers: IncomingHttpHeaders, query: URLSearchParams, name: string): ExecDoor {
  const key = headers["sec-websocket-key"];
  if (key === undefined || headers["sec-websocket-version"] !== "13") {
    throw badRequest("a WebSocket needs the headers Sec-WebSocket-Key and Sec-WebSocket-Version: 13");
  }
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((one) => one.trim());
  const protocol = channelProtocols.find((one) => offered.includes(one));
  if (protocol === undefined) {
    throw badRequest(`Sec-WebSocket-Protocol must offer one of ${channelProtocols.join(", ")}`);
  }
  const { request, outputs } = podExecOptionsOf(query, name);
  const wanted = new Set([channels.outcome, ...outputs]);
  const answer = { "Sec-WebSocket-Accept": acceptOf(key), "Sec-WebSocket-Protocol": protocol };
  return {
    request,
    open: (exchange, clock) => new WebSocketConnection(exchange.switchTo("websocket", answer), { clock, wanted }),
  };
}

const STREAM_PROTOCOL = "x-stream-protocol-version";
const spdyProtocol = "v4.channel.k8s.io";

function spdyDoor(headers: IncomingHttpHeaders, query: URLSearchParams, name: string): ExecDoor {
  const offered = String(headers[STREAM_PROTOCOL] ?? "");
  if (!offered.split(",").some((one) => one.trim() === spdyProtocol)) {
    throw badRequest(`X-Stream-Protocol-Version must offer ${spdyProtocol}`);
  }
  const { request, outputs } = podExecOptionsOf(query, name);
  const wanted = new Set<number>([channels.outcome, ...outputs]);
  if (request.stdin) wanted.add(channels.stdin);
  if (request.terminal) wanted.add(channels.resize);
  return {
    request,
    async open(exchange, clock) {
      const { SpdyConnection } = await import("./spdy/spdy-connection.ts"); // Only old clients need it.
      const socket = exchange.switchTo("SPDY/3.1", { [STREAM_PROTOCOL]: spdyProtocol });
      const connection = new SpdyConnection(socket, { clock, wanted });
      if (await connection.ready()) return connection;
      connection.destroy();
      return undefined;
    },
  };
}
