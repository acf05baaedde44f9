import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { type GitHost, openGitHost, type PushedFiles } from "./git-host.ts";

/** Where a test finds the address of a GitHostServer. */
export const GIT_HOSTS = "WCTL_TEST_GIT_HOSTS";

export type HostQuestion =
  | { ask: "open"; credentials: string }
  | { ask: "commit"; host: string; files: PushedFiles }
  | { ask: "goAway" | "close"; host: string };

/** Git hosts for tests that run where there is no git, as under Wine: opened and pushed to over loopback, by whoever knows the address. */
export class GitHostServer {
  readonly #server: Server;
  /** Else every local user could have files written. */
  readonly #secret = randomBytes(16).toString("hex");
  readonly #hosts = new Map<string, GitHost>();

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const answer = await this.#answer(request).catch((error: Error) => ({ error: error.message }));
      response.end(JSON.stringify(answer));
    });
  }

  static async start(): Promise<GitHostServer> {
    const server = new GitHostServer();
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${this.#secret}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await Promise.all([...this.#hosts.values()].map((host) => host.close()));
  }

  async #answer(request: IncomingMessage): Promise<object> {
    if (request.url !== `/${this.#secret}`) throw new Error("who asks must know the address");
    const question = (await json(request)) as HostQuestion;
    if (question.ask === "open") {
      const opened = await openGitHost(question.credentials);
      const { url, ca } = opened;
      this.#hosts.set(url, opened);
      return { url, ca };
    }
    const host = this.#hosts.get(question.host);
    if (!host) throw new Error(`there is no host ${question.host}`);
    if (question.ask === "commit") return { commit: await host.commit(question.files) };
    if (question.ask === "goAway") await host.goAway();
    else {
      this.#hosts.delete(question.host);
      await host.close();
    }
    return {};
  }
}
