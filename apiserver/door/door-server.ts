import { createServer, type Server } from "node:http";
import type { DoorAddress } from "../../api/http/door/door-address.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Connections } from "../http/connections.ts";
import { type Http1Requests, http1Options } from "../http/http1-requests.ts";
import type { Limits } from "../http/request-limits.ts";
import type { DoorAuthenticator } from "./door-authenticator.ts";
import type { LocalDoor } from "./local-door.ts";

interface Parts {
  door: LocalDoor;
  authenticator: DoorAuthenticator;
  connections: Connections;
  requests: Http1Requests;
  limits: Limits;
  logger: Logger;
}

/** The Kubernetes REST protocol over plain HTTP/1.1, for those whom the system vouches for. */
export class DoorServer {
  readonly #parts: Parts;
  #server: Server | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Undefined when it can't be opened, which is no reason to serve nobody: whoever would have used it uses HTTPS. */
  async open(): Promise<DoorAddress | undefined> {
    const { door, requests, limits, logger } = this.#parts;
    const server = createServer(http1Options(limits));
    requests.serveOn(server);
    this.#admitAtConnection(server);
    try {
      await door.open(server);
    } catch (error) {
      server.close();
      logger.warn("the local door is not open, HTTPS is", { error: (error as Error).message });
      return undefined;
    }
    server.on("error", (error) => logger.error("local door", { error: error.message }));
    this.#server = server;
    return door.address;
  }

  /** Accepts no more connections. Resolves when those that there are have ended. */
  async close(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      this.#parts.door.remove();
    });
  }

  /** Before a byte of it is read. */
  #admitAtConnection(server: Server): void {
    const { door, authenticator, connections } = this.#parts;
    server.prependListener("connection", (socket) => {
      const visitor = door.visitorOf(socket);
      authenticator.admit(socket, visitor);
      connections.add(socket, visitor?.name ?? "somebody at the door");
    });
  }
}
