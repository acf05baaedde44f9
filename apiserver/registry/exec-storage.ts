import { forbidden } from "../../api/errors.ts";
import type { ExecRequest, ExecSession } from "../../api/exec/exec-session.ts";
import type { Key } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { Authority } from "../admission/authority.ts";
import { budgetOf } from "../authentication/identity.ts";
import type { ExecSource } from "./exec-source.ts";
import type { KindStorage } from "./kind-storage.ts";
import type { Storage } from "./storage.ts";

/** The subresource `exec`: a command beside what an Object stands for. It may do all that the workload's account may, so that is asked too. */
export class ExecStorage implements Storage {
  readonly resource: Resource;
  readonly #objects: KindStorage;
  readonly #source: ExecSource;

  constructor(objects: KindStorage, source: ExecSource) {
    this.resource = objects.resource;
    this.#objects = objects;
    this.#source = source;
  }

  async openExec(key: Key, request: ExecRequest, user: Authority): Promise<ExecSession> {
    this.assertMayExec(key, user);
    const object = this.#objects.get(key);
    return this.#source.open(object, request, { name: user.user.name, budget: budgetOf(user.user) });
  }

  assertMayExec(key: Key, user: Authority): void {
    const object = this.#objects.get(key);
    const why = this.#objects.kind.execRestriction?.(object, user);
    if (why !== undefined) throw forbidden(this.resource, object.metadata.name, why);
  }
}
