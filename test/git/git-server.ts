import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type GitUrl, parseGitUrl } from "../../api/git/git-url.ts";

/** What a test does with a request instead of git; true: it was answered. */
export type Interference = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface GitServerOptions {
  /** Folder of the bare repositories. */
  root: string;
  key: string;
  cert: string;
  /** Demanded as basic authentication: `user:password`. */
  credentials?: string;
}

/** By its path: `git http-backend` is one more program for each request. */
let backendPath: string | undefined;
const httpBackend = (): string => {
  backendPath ??= join(execFileSync("git", ["--exec-path"], { encoding: "utf8" }).trim(), "git-http-backend");
  return backendPath;
};

/** A real git server: `git http-backend` behind HTTPS. */
export class GitServer {
  readonly #server: Server;
  readonly #options: GitServerOptions;
  readonly requests: { method: string; url: string; authorization: string | undefined }[] = [];
  /** Of the second protocol, which says nothing of what is in a repository: the same each time, and another program. */
  readonly #greetings = new Map<string, { headers: Record<string, string>; body: Buffer }>();
  interfere: Interference = () => false;

  constructor(options: GitServerOptions) {
    this.#options = options;
    this.#server = createServer({ key: options.key, cert: options.cert }, (request, response) =>
      this.#serve(request, response),
    );
  }

  static async start(options: GitServerOptions): Promise<GitServer> {
    const server = new GitServer(options);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(repository: string): GitUrl {
    const url = parseGitUrl(`https://localhost:${this.port}/${repository}`);
    if (typeof url === "string") throw new Error(url);
    return url;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { method = "", url = "", headers } = request;
    this.requests.push({ method, url, authorization: headers.authorization });
    if (this.interfere(request, response)) return;
    const { credentials, root } = this.#options;
    if (credentials && headers.authorization !== `Basic ${Buffer.from(credentials).toString("base64")}`) {
      response.writeHead(401, { "www-authenticate": "Basic" }).end();
      return;
    }
    const { pathname, search } = new URL(url, "https://localhost");
    const isGreeting = search === "?service=git-upload-pack" && headers["git-protocol"] === "version=2";
    const known = isGreeting && this.#greetings.get(pathname);
    if (known) return void response.writeHead(200, known.headers).end(known.body);
    const backend = spawn(httpBackend(), {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: "1",
        // Whoever has shown credentials may push.
        ...(credentials && { REMOTE_USER: credentials.split(":", 1)[0] }),
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: method,
        CONTENT_TYPE: headers["content-type"] ?? "",
        CONTENT_LENGTH: headers["content-length"] ?? "",
        GIT_PROTOCOL: String(headers["git-protocol"] ?? ""),
      },
      stdio: ["pipe", "pipe", "ignore"],
    });
    request.pipe(backend.stdin);
    backend.stdin.on("error", () => {});
    let head = Buffer.alloc(0);
    let fields: Record<string, string> | undefined;
    const body: Buffer[] = [];
    const pass = (chunk: Buffer): void => {
      if (isGreeting) body.push(chunk);
      response.write(chunk);
    };
    backend.stdout.on("data", (chunk: Buffer) => {
      if (fields) return pass(chunk);
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      const lines = head.toString("latin1", 0, end).split("\r\n");
      const { Status = "200", ...rest } = Object.fromEntries(lines.map((line) => line.split(": ", 2)));
      fields = rest;
      response.writeHead(Number.parseInt(Status, 10), rest);
      pass(head.subarray(end + 4));
    });
    backend.on("close", () => {
      response.end();
      if (isGreeting && fields && response.statusCode === 200)
        this.#greetings.set(pathname, { headers: fields, body: Buffer.concat(body) });
    });
  }
}
