import type { IncomingHttpHeaders } from "node:http";
import type { Duplex } from "node:stream";
import { badRequest } from "../../../api/errors.ts";
import type { Exchange } from "../../http/exchange.ts";
import { webSocketOffer } from "../../websocket/handshake.ts";
import { WebSocketTunnel } from "../../websocket/web-socket-tunnel.ts";
import { STREAM_PROTOCOL } from "../session-doors.ts";

const PROTOCOL = "portforward.k8s.io";
/** SPDY through a WebSocket, as kubectl speaks it from 1.31 on. */
const TUNNELLED = `SPDY/3.1+${PROTOCOL}`;

/** Leaves HTTP: what carries SPDY from then on. */
export type PortForwardDoor = (exchange: Exchange) => Duplex;

/** By what the client asks its connection to become: SPDY, or a WebSocket that carries it. Throws BadRequest for all else. */
export function portForwardDoorOf(exchange: Exchange): PortForwardDoor {
  const { headers, method } = exchange.request;
  const upgrade = exchange.isUpgrade ? (headers.upgrade ?? "").toLowerCase() : "";
  if (upgrade === "websocket" && method === "GET") {
    const answer = webSocketOffer(headers).agreed([TUNNELLED]);
    return (exchange) => new WebSocketTunnel(exchange.switchTo("websocket", answer));
  }
  if (upgrade === "spdy/3.1" && method === "POST" && offers(headers)) {
    return (exchange) => exchange.switchTo("SPDY/3.1", { [STREAM_PROTOCOL]: PROTOCOL });
  }
  throw badRequest(
    `port-forward needs HTTP/1.1 and the headers Connection: Upgrade, and Upgrade: websocket (GET, ${TUNNELLED}) or SPDY/3.1 (POST, ${PROTOCOL})`,
  );
}

const offers = (headers: IncomingHttpHeaders): boolean =>
  String(headers[STREAM_PROTOCOL] ?? "")
    .split(",")
    .some((one) => one.trim() === PROTOCOL);
