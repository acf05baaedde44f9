import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { HttpClient } from "../../../api/http/http-client.ts";
import { type Ran, type RunOptions, runWords } from "./run-words.ts";

/** What it answers: a body, or a code and a body. */
type Answer = object | [code: number, body: object];

/** A server with a script: what another Kubernetes would answer to wctl. */
export class ScriptedServer {
  readonly #server: Server;
  /** By method and path. Anything else is not found. */
  readonly answers: Record<string, Answer>;
  /** The bodies of the requests that had one. */
  readonly bodies: unknown[] = [];

  private constructor(answers: Record<string, Answer>) {
    this.answers = answers;
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (chunks.length > 0) this.bodies.push(JSON.parse(Buffer.concat(chunks).toString()));
      const missing = { kind: "Status", status: "Failure", reason: "NotFound", message: "not there", code: 404 };
      const answer = this.answers[`${request.method} ${request.url}`] ?? [404, missing];
      const [code, body] = Array.isArray(answer) ? (answer as [number, object]) : [200, answer];
      response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  }

  static async start(answers: Record<string, Answer>): Promise<ScriptedServer> {
    const scripted = new ScriptedServer(answers);
    scripted.#server.listen(0, "127.0.0.1");
    await once(scripted.#server, "listening");
    return scripted;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async wctl(line: string, options: RunOptions & { beforeWrite?: () => Promise<void> } = {}): Promise<Ran> {
    const { beforeWrite = () => Promise.reject(new Error("this writes")) } = options;
    const client = new HttpClient({ server: this.url }, { beforeWrite });
    const session = (namespace: string | undefined) => ({
      kubeconfig: undefined,
      namespace,
      open: async () => ({ client, namespace: namespace ?? "default", namespaceGiven: namespace !== undefined }),
      whyNoAnswer: () => undefined,
    });
    return runWords(line.split(" "), (flags) => session(flags.namespace), { columns: 100, ...options }).finally(() =>
      client.close(),
    );
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
