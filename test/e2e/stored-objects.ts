import { parseArgs } from "node:util";
import { HttpClient } from "../../api/http/http-client.ts";
import { loadKubeconfig, resolveKubeconfig } from "../../api/kubeconfig/kubeconfig.ts";
import { resourceNamed } from "../../api/scheme.ts";

/**
 * Reads what `wctl get -o json` would print, without a program for each look: tests that wait look often. The client is that of the running daemon,
 * whose port is another after each start.
 */
export class StoredObjects {
  #client: Promise<HttpClient> | undefined;

  /** `KIND [NAME] [-n NAMESPACE] [-l SELECTOR]`. Rejects as the API refuses, and for every other option. */
  async json(kubeconfig: string, args: readonly string[]): Promise<unknown> {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { namespace: { type: "string", short: "n" }, selector: { type: "string", short: "l" } },
    });
    const [kind = "", name] = positionals;
    const { namespace = "default", selector } = values;
    const resource = resourceNamed(kind);
    if (!resource) throw new Error(`there is no kind ${kind}`);
    this.#client ??= connect(kubeconfig);
    const client = await this.#client;
    const scope = resource.namespaced ? { namespace } : {};
    if (name === undefined) return client.list(resource, { ...scope, ...(selector && { labelSelector: selector }) });
    return client.get(resource, resource.namespaced ? `${namespace}/${name}` : name);
  }

  /** The daemon is another one from here on. */
  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    (await client?.catch(() => undefined))?.close();
  }
}

/** Of a service that was ended under Wine a connection may stay open, on which nobody answers. */
const NO_ANSWER_MS = 30_000;

async function connect(kubeconfig: string): Promise<HttpClient> {
  const { config } = await loadKubeconfig({ path: kubeconfig });
  return new HttpClient(resolveKubeconfig(config, {}).endpoint, { timeoutMs: NO_ANSWER_MS });
}
