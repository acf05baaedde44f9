import { lstatSync, statSync } from "node:fs";
import type { Socket } from "node:net";
import { dirname } from "node:path";
import { pathTrust, posixJudge } from "../../../lib/path-trust.ts";
import { connected } from "./connected.ts";
import type { Door } from "./door.ts";

interface Options {
  path: string;
  /** Whose we are. */
  user: { uid: number; gid: number };
  /** Gets one sentence, once, when something is there that need not be the daemon's. */
  warn: (text: string) => void;
}

/** The door on POSIX: a Unix socket. It is used only when nobody but root and ourselves can have put it there. */
export class SocketDoor implements Door {
  readonly #options: Options;
  #isDoubtful = false;

  constructor(options: Options) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.path;
  }

  async connect(): Promise<Socket | undefined> {
    return this.#isProved() ? connected(this.name) : undefined;
  }

  /** Before each connection: a daemon may have come back meanwhile, or somebody else. */
  #isProved(): boolean {
    if (this.#isDoubtful) return false;
    const why = distrust(this.#options);
    if (why === undefined || why === "missing") return why === undefined;
    this.#isDoubtful = true;
    this.#options.warn(`WARNING: the local door is not used, HTTPS is: ${why}`);
    return false;
  }
}

/**
 * Why what is at the path need not be the daemon's. The folders above come first: when only root and we can change anything in them, what is seen there
 * stays as it is.
 */
function distrust({ path, user }: Options): string | undefined {
  try {
    lstatSync(path); // Where nothing is, or is shown to us, there is nothing to warn of.
    const folder = dirname(path);
    const why = pathTrust(posixJudge(user)).ofPath(folder);
    if (why !== undefined) return why;
    const socket = lstatSync(path);
    if (!socket.isSocket()) return `${path} is no socket${socket.isSymbolicLink() ? ", but a link" : ""}`;
    const { uid } = statSync(folder);
    return socket.uid === uid ? undefined : `${path} belongs to uid ${socket.uid}, and its folder to uid ${uid}`;
  } catch {
    return "missing";
  }
}
