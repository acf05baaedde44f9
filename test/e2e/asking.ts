import { Agent, request as httpsRequest } from "node:https";
import { text } from "node:stream/consumers";
import { loadKubeconfig, resolveKubeconfig } from "../../api/kubeconfig/kubeconfig.ts";
import { Http2Client } from "../apiserver/http2-client.ts";

export interface Answer {
  code: number;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says
  json: any;
}

export interface Question {
  body?: unknown;
  headers?: Record<string, string | string[]>;
  isHttp2?: boolean;
}

/** Asks the API in the name of a kubeconfig, whatever there is to ask: the path and the headers go out as they are. */
export class Asking {
  readonly server: string;
  /** Its certificate, and whom it trusts: for who speaks another protocol. */
  readonly tls: { ca: string; cert: string; key: string };
  readonly #agent: Agent;
  readonly #http2: Http2Client;

  private constructor(server: string, tls: { ca: string; cert: string; key: string }) {
    this.server = server;
    this.tls = tls;
    this.#agent = new Agent({ ...tls, keepAlive: true, maxSockets: 8 });
    this.#http2 = new Http2Client(() => server, tls);
  }

  static async as(kubeconfig: string): Promise<Asking> {
    const { endpoint } = resolveKubeconfig((await loadKubeconfig({ path: kubeconfig })).config, {});
    const { server, ca, cert, key } = endpoint;
    return new Asking(server, { ca: String(ca), cert: String(cert), key: String(key) });
  }

  /** Resolves with the whole answer; of a watch it waits for the end. */
  async ask(method: string, path: string, { body, headers = {}, isHttp2 = false }: Question = {}): Promise<Answer> {
    const bytes = body === undefined ? undefined : JSON.stringify(body);
    const sent = bytes === undefined ? headers : { "content-type": "application/json", ...headers };
    const response = isHttp2
      ? await this.#http2.open(method, path, sent, bytes)
      : await new Promise<import("node:http").IncomingMessage>((resolve, reject) => {
          const options = { method, path, agent: this.#agent, servername: "localhost", headers: sent };
          const request = httpsRequest(this.server + path, options);
          request.once("response", resolve).once("error", reject);
          request.once("upgrade", () => reject(new Error(`${method} ${path} began a session`)));
          request.end(bytes);
        });
    const said = await text(response);
    return { code: response.statusCode ?? 0, text: said, json: said.startsWith("{") ? JSON.parse(said) : undefined };
  }

  close(): void {
    this.#agent.destroy();
    this.#http2.close();
  }
}
