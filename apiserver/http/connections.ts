import type { Socket } from "node:net";
import { peerOf } from "./peer.ts";

export interface ConnectionCaps {
  connections: number;
  /** The key of all who have shown no credentials yet. */
  strangers: number;
  connectionsPerUser: number;
}

/** A request that is being answered on a connection. */
interface InFlightRequest {
  /** The connection has ended: what was not written never will be. */
  lost(): void;
}

/** One connection, from the moment the system hands it over. */
export interface Connection {
  /** In the order of the requests. */
  readonly inFlight: Set<InFlightRequest>;
  /** The answer being sent is the last one: further requests on the connection are ignored. */
  isClosing: boolean;
}

class Held implements Connection {
  readonly inFlight = new Set<InFlightRequest>();
  isClosing = false;
  readonly socket: Socket;
  owner: Owner;

  constructor(socket: Socket, owner: Owner) {
    this.socket = socket;
    this.owner = owner;
  }
}

/** Who holds connections: an address, or a user. The oldest comes first. */
interface Owner {
  name: string;
  isUser: boolean;
  held: Set<Held>;
}

/**
 * Counts every connection before TLS costs anything. No client is refused because others hold all connections: when clients without credentials reach their limit,
 * the peer that holds most of them loses its oldest one; so does the user that holds most, when users have all that is not for strangers. A user at his own limit loses
 * the connection that has been idle longest.
 */
export class Connections {
  readonly #caps: ConnectionCaps;
  readonly #bySocket = new Map<string | Ends, Held>();
  readonly #strangers = new Map<string, Owner>();
  readonly #users = new Map<string, Owner>();
  #strangerCount = 0;
  #userCount = 0;

  constructor(caps: ConnectionCaps) {
    this.#caps = caps;
  }

  get size(): number {
    return this.#bySocket.size;
  }

  /** Before the handshake. Its end is noticed here. `peer`: whose it is, where that is no address. */
  add(socket: Socket, peer?: string): void {
    socket.on("error", () => socket.destroy());
    const key = keyOf(socket);
    if (socket.destroyed || (typeof key !== "string" && peer === undefined)) return void socket.destroy(); // It has gone already.
    const held = new Held(socket, ownerIn(this.#strangers, peer ?? peerOf(socket.remoteAddress ?? ""), false));
    this.#bySocket.set(key, held);
    this.#enter(held);
    socket.once("close", () => {
      if (this.#bySocket.get(key) === held) this.#bySocket.delete(key);
      this.#leave(held);
      for (const request of held.inFlight) request.lost();
    });
    if (this.#strangerCount > this.#caps.strangers) this.#dropStranger();
  }

  /** The connection of a socket, or of the TLS socket over it. Undefined when it is gone. */
  of(socket: Ends): Connection | undefined {
    return this.#bySocket.get(keyOf(socket));
  }

  /** A request on it has shown credentials. */
  belongsTo(connection: Connection, user: string): void {
    const held = connection as Held;
    if (held.owner.isUser && held.owner.name === user) return;
    if (!this.#leave(held)) return; // It was dropped meanwhile.
    held.owner = ownerIn(this.#users, user, true);
    this.#enter(held);
    const { connections, strangers, connectionsPerUser } = this.#caps;
    if (held.owner.held.size > connectionsPerUser) this.#dropIdle(held.owner);
    else if (this.#userCount > connections - strangers) this.#dropOfUsers();
  }

  /** All of them, at once. */
  cut(): void {
    for (const { socket } of this.#bySocket.values()) socket.destroy();
  }

  #dropStranger(): void {
    const [oldest] = whoHasMost(this.#strangers)?.held ?? [];
    if (oldest) this.#drop(oldest);
  }

  /** What is being answered ends too, where nothing of that user is idle: it is a watch, and comes back when there is room. */
  #dropOfUsers(): void {
    const most = whoHasMost(this.#users);
    const [oldest] = most?.held ?? [];
    if (most && !this.#dropIdle(most) && oldest) this.#drop(oldest);
  }

  #dropIdle({ held }: Owner): boolean {
    for (const one of held) {
      if (one.inFlight.size > 0) continue;
      this.#drop(one);
      return true;
    }
    return false;
  }

  #drop(held: Held): void {
    this.#leave(held);
    held.socket.destroy();
  }

  #enter(held: Held): void {
    held.owner.held.add(held);
    if (held.owner.isUser) this.#userCount++;
    else this.#strangerCount++;
  }

  #leave(held: Held): boolean {
    const { owner } = held;
    if (!owner.held.delete(held)) return false;
    if (owner.isUser) this.#userCount--;
    else this.#strangerCount--;
    const owners = owner.isUser ? this.#users : this.#strangers;
    if (owner.held.size === 0 && owners.get(owner.name) === owner) owners.delete(owner.name);
    return true;
  }
}

function whoHasMost(owners: ReadonlyMap<string, Owner>): Owner | undefined {
  let most: Owner | undefined;
  for (const owner of owners.values()) if (owner.held.size > (most?.held.size ?? 0)) most = owner;
  return most;
}

function ownerIn(owners: Map<string, Owner>, name: string, isUser: boolean): Owner {
  const known = owners.get(name) ?? { name, isUser, held: new Set() };
  owners.set(name, known);
  return known;
}

type Ends = Pick<Socket, "remoteAddress" | "remotePort" | "localAddress">;

/** The same for the socket and for the TLS socket over it. Where there are no addresses there is no TLS either: it is the socket itself. */
const keyOf = (socket: Ends): string | Ends =>
  socket.remoteAddress === undefined ? socket : `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress}`;
