import type { IncomingHttpHeaders } from "node:http";
import { badRequest } from "../../api/errors.ts";
import { channels, EXEC_PROTOCOL, type ExecConnection } from "../../api/exec/exec-connection.ts";
import { FramedConnection } from "../../api/exec/framed-connection.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Exchange } from "../http/exchange.ts";
import { webSocketOffer } from "../websocket/handshake.ts";
import { WebSocketConnection } from "./websocket-connection.ts";

/** What a client of Kubernetes' protocols wants to hear, and may say. */
export interface SessionStreams {
  stdin: boolean;
  terminal: boolean;
  /** The channels of output. */
  outputs: readonly number[];
}

/** How a client is answered that wants a session. */
export interface SessionDoor {
  /** It speaks our own protocol, which has all streams. */
  isOwn: boolean;
  /** From here on the connection is the session's. Undefined: the client has gone, or does not do its part. */
  open(exchange: Exchange, clock: Clock, streams: SessionStreams): ExecConnection | Promise<ExecConnection | undefined>;
}

/** The best first. */
const channelProtocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"] as const;

/** By what the client asks its connection to become: our own protocol, a WebSocket, or SPDY. Throws BadRequest for all else. */
export function sessionDoorOf(exchange: Exchange): SessionDoor {
  const { headers, method } = exchange.request;
  const upgrade = exchange.isUpgrade ? (headers.upgrade ?? "").toLowerCase() : "";
  if (upgrade === EXEC_PROTOCOL && method === "POST") return ownDoor;
  if (upgrade === "websocket" && method === "GET") return webSocketDoor(headers);
  if (upgrade === "spdy/3.1" && method === "POST") return spdyDoor(headers);
  throw badRequest(
    `a session needs HTTP/1.1 and the headers Connection: Upgrade, and Upgrade: websocket (GET), SPDY/3.1 or ${EXEC_PROTOCOL} (POST)`,
  );
}

const ownDoor: SessionDoor = {
  isOwn: true,
  open: (exchange) => new FramedConnection(exchange.switchTo(EXEC_PROTOCOL)),
};

function webSocketDoor(headers: IncomingHttpHeaders): SessionDoor {
  const answer = webSocketOffer(headers).agreed(channelProtocols);
  return {
    isOwn: false,
    async open(exchange, clock, { outputs }) {
      const wanted = new Set([channels.outcome, ...outputs]);
      const connection = new WebSocketConnection(exchange.switchTo("websocket", answer), { clock, wanted });
      await connection.ready();
      return connection;
    },
  };
}

/** The header in which a client of SPDY says what it wants to speak over it. */
export const STREAM_PROTOCOL = "x-stream-protocol-version";
const spdyProtocol = "v4.channel.k8s.io";

function spdyDoor(headers: IncomingHttpHeaders): SessionDoor {
  const offered = String(headers[STREAM_PROTOCOL] ?? "");
  if (!offered.split(",").some((one) => one.trim() === spdyProtocol)) {
    throw badRequest(`X-Stream-Protocol-Version must offer ${spdyProtocol}`);
  }
  return {
    isOwn: false,
    async open(exchange, clock, { stdin, terminal, outputs }) {
      const wanted = new Set<number>([channels.outcome, ...outputs]);
      if (stdin) wanted.add(channels.stdin);
      if (terminal) wanted.add(channels.resize);
      const { SpdyConnection } = await import("./spdy/spdy-connection.ts"); // Only old clients need it.
      const socket = exchange.switchTo("SPDY/3.1", { [STREAM_PROTOCOL]: spdyProtocol });
      const connection = new SpdyConnection(socket, { clock, wanted });
      if (await connection.ready()) return connection;
      connection.destroy();
      return undefined;
    },
  };
}
