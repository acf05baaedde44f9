import type { Socket } from "node:net";
import type { Clock } from "../../lib/clock.ts";
import type { Carrier } from "./carrier.ts";
import type { Http2Connection } from "./http2-connection.ts";
import type { Limits } from "./request-limits.ts";

/** The connections whose clients chose HTTP/2 (by ALPN). Node's part of it is loaded with the first of them: it costs 10 ms and 1.5 MiB. */
export class Http2Connections {
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #serve: (carrier: Carrier) => void;
  readonly #open = new Set<Http2Connection>();
  #isClosing = false;

  constructor(limits: Limits, clock: Clock, serve: (carrier: Carrier) => void) {
    this.#limits = limits;
    this.#clock = clock;
    this.#serve = serve;
  }

  /** What its client has sent meanwhile is kept by the socket. */
  async add(socket: Socket): Promise<void> {
    const { Http2Connection } = await import("./http2-connection.ts");
    if (socket.destroyed) return;
    const connection = new Http2Connection(socket, this.#limits, this.#clock, this.#serve);
    this.#open.add(connection);
    socket.once("close", () => this.#open.delete(connection));
    if (this.#isClosing) connection.close();
  }

  /** No more requests; each connection ends with the last answer on it. */
  close(): void {
    this.#isClosing = true;
    for (const connection of this.#open) connection.close();
  }
}
