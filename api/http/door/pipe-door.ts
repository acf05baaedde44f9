import type { Socket } from "node:net";
import { connected } from "./connected.ts";
import type { Door } from "./door.ts";

/** The door on Windows: a named pipe below a prefix at which nobody but an administrator can make one, so its name is the proof. */
export class PipeDoor implements Door {
  /** As Windows opens it: what `pipePath` gives. */
  readonly name: string;

  constructor(path: string) {
    this.name = path;
  }

  connect(): Promise<Socket | undefined> {
    return connected(this.name);
  }
}
