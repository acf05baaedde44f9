import type { Client } from "../../../api/client.ts";
import { isNotFound } from "../../../api/errors.ts";
import { type Key, makeKey } from "../../../api/object.ts";
import { gitSources, secrets } from "../../../api/scheme.ts";
import type { HookSecret, HookTarget } from "../../../apiserver/hooks/hook-target.ts";

/** GitSources, as what is behind the hooks. */
export class GitHooks implements HookTarget {
  readonly #client: Pick<Client, "get">;
  #look: (source: Key) => void = () => {};

  /** `client`: may read GitSources and their Secrets. */
  constructor(client: Pick<Client, "get">) {
    this.#client = client;
  }

  /** From now on there is somebody who looks. */
  answeredBy(look: (source: Key) => void): void {
    this.#look = look;
  }

  async secretOf(namespace: string, name: string): Promise<HookSecret | undefined> {
    try {
      const { spec } = await this.#client.get(gitSources, makeKey(namespace, name));
      if (!spec.webhook) return undefined;
      const { type, secretRef } = spec.webhook;
      const { data } = await this.#client.get(secrets, makeKey(namespace, secretRef.name));
      // A file that a token was made from often ends in a line break.
      const token = Buffer.from(data?.token ?? "", "base64")
        .toString("utf8")
        .trim();
      return token === "" ? undefined : { type, token };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  trigger(namespace: string, name: string): void {
    this.#look(makeKey(namespace, name));
  }
}
