import type { ExecRequest, ExecSession } from "../../api/exec/exec-session.ts";
import type { Key } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { ExecSource } from "./exec-source.ts";
import type { KindStorage } from "./kind-storage.ts";
import type { Storage } from "./storage.ts";

/** The subresource `exec`: a command beside what an Object stands for. Who may create it may do all that the workload's account may. */
export class ExecStorage implements Storage {
  readonly resource: Resource;
  readonly #objects: KindStorage;
  readonly #source: ExecSource;

  constructor(objects: KindStorage, source: ExecSource) {
    this.resource = objects.resource;
    this.#objects = objects;
    this.#source = source;
  }

  async openExec(key: Key, request: ExecRequest, user: string): Promise<ExecSession> {
    return this.#source.open(this.#objects.get(key), request, user);
  }
}
