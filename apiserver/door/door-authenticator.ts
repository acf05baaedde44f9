import type { Socket } from "node:net";
import type { Authenticator } from "../authentication/authenticator.ts";
import { administrator, type Identity } from "../authentication/identity.ts";
import type { Visitor } from "./local-door.ts";

type Credentials = Parameters<Authenticator["authenticate"]>[0];

/** Who has come by the door is who the system says he is, whatever he shows besides; everybody else shows a credential. */
export class DoorAuthenticator implements Authenticator {
  readonly #others: Authenticator;
  readonly #visitors = new WeakMap<Socket, Identity | "nobody">();

  constructor(others: Authenticator) {
    this.#others = others;
  }

  /** From now on the connection is this visitor's. */
  admit(socket: Socket, visitor: Visitor | undefined): void {
    this.#visitors.set(socket, visitor?.isAdministrator ? administrator : "nobody");
  }

  cameByTheDoor(socket: Socket): boolean {
    return this.#visitors.has(socket);
  }

  authenticate(request: Credentials): Identity | undefined {
    const visitor = this.#visitors.get(request.socket);
    if (visitor === undefined) return this.#others.authenticate(request);
    return visitor === "nobody" ? undefined : visitor;
  }

  /** Who somebody is does not change while he is connected. */
  holds(request: Credentials): boolean {
    return this.cameByTheDoor(request.socket) || this.#others.holds(request);
  }
}
