import { chmodSync, renameSync, rmSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { join } from "node:path";
import { DOOR_SOCKET } from "../../../api/http/door/door-address.ts";
import type { Logger } from "../../../lib/logger.ts";
import { peerUid } from "./peer-uid.ts";

/** Of `sun_path` (unix(7)), which ends in a zero. */
const LONGEST_PATH = 107;

/** The local door on Linux: a Unix socket in the data directory, which nobody but the daemon's user and root can enter. */
export class UnixDoor {
  readonly #path: string;
  /** Under this name it gets its mode, before it takes the place of whatever is under the other. */
  readonly #unready: string;
  readonly #uid: number;

  /** Undefined where there can be none: its path is too long for a socket. */
  static in(dataDir: string, logger: Pick<Logger, "info">): UnixDoor | undefined {
    const door = new UnixDoor(dataDir);
    const length = Buffer.byteLength(door.#path);
    if (length <= LONGEST_PATH) return door;
    logger.info("no local door: its path is too long, HTTPS does without", { path: door.#path, length, LONGEST_PATH });
    return undefined;
  }

  /** Only whoever holds the lock of the data directory may open a door in it: the socket that is there is then a dead daemon's. */
  constructor(dataDir: string, uid = process.geteuid!()) {
    this.#path = join(dataDir, DOOR_SOCKET);
    this.#unready = join(dataDir, "wctl.new");
    this.#uid = uid;
  }

  get address(): { socket: string } {
    return { socket: this.#path };
  }

  /** Rejects with the system's error. */
  async open(server: Server): Promise<void> {
    rmSync(this.#unready, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#unready, () => {
        server.off("error", reject);
        resolve();
      });
      if (server.listening) chmodSync(this.#unready, 0o600);
    });
    renameSync(this.#unready, this.#path);
  }

  visitorOf(socket: Socket): { name: string; isAdministrator: boolean } | undefined {
    const uid = peerUid(socket);
    return uid === undefined ? undefined : { name: `uid ${uid}`, isAdministrator: uid === 0 || uid === this.#uid };
  }

  remove(): void {
    rmSync(this.#path, { force: true });
  }
}
