import type { Server, Socket } from "node:net";
import type { DoorAddress } from "../../api/http/door/door-address.ts";

/** Who is at the other end of a connection, as the system tells it. */
export interface Visitor {
  /** Under which connections are counted, and for people: `uid 1000`. */
  name: string;
  /** The daemon's own account, or one that may do all that it may: root, Windows' administrators. */
  isAdministrator: boolean;
}

/** Where programs of this machine come in without TLS: no secret says who they are there, but the system. One body for each system. */
export interface LocalDoor {
  /** As the kubeconfig names it. */
  readonly address: DoorAddress;
  /** Has the server listen there, from the first moment on for administrators only. Rejects with why that can't be. */
  open(server: Server): Promise<void>;
  /** Asked once, when the connection comes. Undefined: the system does not tell. */
  visitorOf(socket: Socket): Visitor | undefined;
  /** Nothing of it remains; called when the server listens no more. */
  remove(): void;
}
