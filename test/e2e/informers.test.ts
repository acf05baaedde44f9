/** As client-go's informers, over HTTP/2: the daemon is killed while they watch, and they see each change once (P10, P14). */
import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { after, before, describe, it } from "node:test";
import { loadKubeconfig, resolveKubeconfig } from "../../api/kubeconfig/kubeconfig.ts";
import { configMaps } from "../../api/scheme.ts";
import { Http2Client } from "../apiserver/http2-client.ts";
import { DaemonUnderTest, eventually } from "./daemon-under-test.ts";

const path = "/api/v1/namespaces/default/configmaps?labelSelector=of%3Dinformers";
const WATCH_LIST = "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";

/** Lists once (or has its list streamed), then watches from where it is, again after each end, with the daemon that there is then. */
class Reflector {
  readonly seen: number[] = [];
  lists = 0;
  problem: unknown;
  readonly #dial: () => Promise<Http2Client>;
  readonly #streamsLists: boolean;
  #revision: string | undefined;

  constructor(dial: () => Promise<Http2Client>, streamsLists: boolean) {
    this.#dial = dial;
    this.#streamsLists = streamsLists;
  }

  /** Until its connection ends. */
  async follow(): Promise<void> {
    const client = await this.#dial();
    try {
      if (this.#revision === undefined) this.lists++;
      if (this.#revision === undefined && !this.#streamsLists) await this.#list(client);
      const query = this.#revision === undefined ? WATCH_LIST : `watch=true&resourceVersion=${this.#revision}`;
      for await (const line of lines(await client.open("GET", `${path}&${query}`, {}, undefined))) this.#take(line);
    } catch {
      // The daemon is away.
    } finally {
      client.close();
    }
  }

  async #list(client: Http2Client): Promise<void> {
    let text = "";
    for await (const chunk of await client.open("GET", path, {}, undefined)) text += chunk;
    this.#revision = JSON.parse(text).metadata.resourceVersion;
  }

  #take(line: string): void {
    const { type, object } = JSON.parse(line);
    if (type === "ERROR") this.problem ??= object;
    else {
      this.#revision = object.metadata.resourceVersion;
      if (type !== "BOOKMARK") this.seen.push(Number(this.#revision));
    }
  }
}

async function* lines(response: IncomingMessage): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of response) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}

describe("informers", () => {
  let daemon: DaemonUnderTest;
  before(async () => {
    daemon = await DaemonUnderTest.start();
  });
  after(() => daemon.dispose());

  it("see each change once, none twice, while the daemon is killed and started again", async () => {
    const dial = async (): Promise<Http2Client> => {
      const { config } = await loadKubeconfig({ path: daemon.kubeconfig });
      const { server, ca, cert, key } = resolveKubeconfig(config, {}).endpoint;
      return new Http2Client(() => server, { ca: ca as string, cert: cert as string, key: key as string });
    };
    const reflectors = [new Reflector(dial, false), new Reflector(dial, true)];
    const acknowledged: number[] = [];
    let count = 0;
    const write = async (): Promise<void> => {
      const client = await daemon.client();
      try {
        for (;;) {
          const metadata = { name: `c${count++}`, namespace: "default", labels: { of: "informers" } };
          const made = await client.create(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata });
          acknowledged.push(Number(made.metadata.resourceVersion));
        }
      } catch {
        // The daemon was killed.
      } finally {
        client.close();
      }
    };
    for (let round = 0; round < 3; round++) {
      const following = reflectors.map((reflector) => reflector.follow());
      await eventually("who watches", () => reflectors.every(({ lists }) => lists === 1));
      const until = acknowledged.length + 50;
      const writing = write();
      await eventually("writes", () => acknowledged.length >= until);
      await daemon.end("SIGKILL");
      await Promise.all([writing, ...following]);
      await daemon.start();
    }
    const following = reflectors.map((reflector) => reflector.follow());
    const last = acknowledged.at(-1) as number;
    await eventually("all is seen", () => reflectors.every(({ seen }) => (seen.at(-1) ?? 0) >= last));
    await daemon.end("SIGTERM");
    await Promise.all(following);
    for (const { seen, lists, problem } of reflectors) {
      assert.equal(problem, undefined);
      assert.equal(lists, 1, "nobody had to list again");
      const isOrdered = seen.every((revision, at) => at === 0 || revision > (seen[at - 1] as number));
      assert.ok(isOrdered, "a change was shown twice, or late");
      const missing = acknowledged.filter((revision) => !seen.includes(revision));
      assert.deepEqual(missing, [], "acknowledged, and never seen");
    }
    await daemon.start();
  });
});
