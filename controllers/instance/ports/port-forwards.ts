import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { StatusError } from "../../../api/errors.ts";
import type { PortSession } from "../../../api/exec/port-session.ts";
import { tcpPortsOf } from "../../../api/instance-ports.ts";
import { keyOf, type Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import type { Logger } from "../../../lib/logger.ts";
import type { EventRecorder } from "../../../machinery/event-recorder.ts";
import type { PortOwner } from "../../../runtime/ports/port-owner.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { notRunning } from "../exec/not-running.ts";

/** Sessions of one user at once. How many connections one has is bounded by its protocol. */
const MOST_OF_USER = 20;
const HOST = "127.0.0.1";

export interface PortForwardsOptions {
  runtime: Pick<Runtime, "get" | "portOwner">;
  recorder: EventRecorder;
  logger: Logger;
}

/**
 * Connections of people to the ports of Instances on this node: only to ports that the manifest declares, and only while the Instance's own tree listens
 * there. Else whoever may write a Process could reach what listens on this machine for itself alone.
 */
export class PortForwards {
  readonly #options: PortForwardsOptions;
  /** How many sessions, by user. */
  readonly #open = new Map<string, number>();

  constructor(options: PortForwardsOptions) {
    this.#options = options;
  }

  /** Rejects with `StatusError`. The caller closes the session. */
  async open(object: Stored, user: string): Promise<PortSession> {
    const instance = object as Stored<Instance>;
    const { runtime, recorder, logger } = this.#options;
    if (runtime.get(instance.metadata.uid)?.phase !== "running") throw notRunning(instance);
    const leave = this.#enter(user);
    recorder.event(instance, "Normal", "PortForward", `${user} connects to its ports`);
    logger.info("port-forward begins", { instance: keyOf(instance), user });
    const sockets = new Set<Socket>();
    return {
      connect: async (port) => {
        const socket = await this.#connect(instance, port);
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        return socket;
      },
      close: () => {
        leave();
        for (const socket of sockets) socket.destroy();
        logger.info("port-forward ended", { instance: keyOf(instance), user });
      },
    };
  }

  #enter(user: string): () => void {
    const open = this.#open.get(user) ?? 0;
    if (open >= MOST_OF_USER) {
      const message = `too many port-forwards of ${user}: at most ${MOST_OF_USER} at once; end one of them first`;
      throw new StatusError("TooManyRequests", message);
    }
    this.#open.set(user, open + 1);
    return () => {
      const left = (this.#open.get(user) ?? 1) - 1;
      if (left > 0) this.#open.set(user, left);
      else this.#open.delete(user);
    };
  }

  async #connect({ metadata, spec }: Stored<Instance>, port: number): Promise<Socket> {
    const declared = tcpPortsOf(spec).map((one) => one.port);
    if (!declared.includes(port)) {
      const instead = declared.length === 0 ? "it declares none (spec.ports)" : `it declares ${declared.join(", ")}`;
      throw new Error(`it is no port of ${metadata.name}: ${instead}`);
    }
    const before = await this.#options.runtime.portOwner(metadata.uid, port, HOST);
    refuse(before);
    const socket = connect(port, HOST);
    await once(socket, "connect");
    const after = await this.#options.runtime.portOwner(metadata.uid, port, HOST).catch((error) => {
      socket.destroy();
      throw error;
    });
    if (after.by === "own" && before.by === "own" && after.sockets === before.sockets) return socket;
    socket.destroy();
    refuse(after);
    throw new Error("it was opened anew meanwhile: try again");
  }
}

/** Throws unless it is the Instance's own. What cannot be seen is not believed: a person can try again, and use the port itself. */
function refuse(owner: PortOwner): void {
  if (owner.by === "nobody") throw new Error(`nothing listens there at ${HOST}`);
  if (owner.by === "other") throw new Error(`${owner.who} listens there, not this instance`);
  if (owner.by === "unknown") throw new Error(`it cannot be seen who listens there: ${owner.why}`);
}
