import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Carrier } from "./carrier.ts";
import { ChunkedBody } from "./chunked-body.ts";

/** A connection that has left HTTP may rest for hours. After so much of it the system asks whether the client still is there. */
const KEEP_ALIVE_MS = 30_000;

export class Http1Carrier implements Carrier {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly isUpgrade: boolean;

  constructor(request: IncomingMessage, response: ServerResponse, { isUpgrade = false } = {}) {
    this.request = request;
    this.response = response;
    this.isUpgrade = isUpgrade;
  }

  answerLast(): void {
    this.response.setHeader("Connection", "close");
  }

  sendHeaders(): void {
    this.response.flushHeaders();
  }

  get body(): ChunkedBody {
    return new ChunkedBody(this.response, this.request.socket);
  }

  /** It goes with the connection, as soon as the last answer has left. */
  ignore(): void {}

  /** Ends the connection: an answer that waits behind another one has no other way to end. */
  cut(): void {
    this.request.socket.destroy();
  }

  switchTo(protocol: string): Socket {
    const { request, response } = this;
    response.setHeader("Connection", "Upgrade");
    response.setHeader("Upgrade", protocol);
    response.writeHead(101);
    response.flushHeaders();
    response.detachSocket(request.socket);
    request.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    return request.socket;
  }
}
