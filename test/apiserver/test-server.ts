import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Registry as PrometheusRegistry } from "prom-client";
import { badRequest } from "../../api/errors.ts";
import { ApiServer, type ApiServerOptions } from "../../apiserver/api-server.ts";
import type { AuditLog, AuditLogs } from "../../apiserver/audit/audit-log.ts";
import { Auditor } from "../../apiserver/audit/auditor.ts";
import { CredentialAuthenticator } from "../../apiserver/authentication/authenticator.ts";
import { type Identity, nodeIdentity } from "../../apiserver/authentication/identity.ts";
import { defaultAuthorizer } from "../../apiserver/authorization/default-authorizer.ts";
import { type Certificates, ensureCertificates } from "../../apiserver/pki/certificates.ts";
import type { DiffSource } from "../../apiserver/registry/diff-source.ts";
import type { ExecSource } from "../../apiserver/registry/exec-source.ts";
import type { LogSource } from "../../apiserver/registry/log-source.ts";
import type { Storage } from "../../apiserver/registry/storage.ts";
import { StoreRegistry } from "../../apiserver/registry/store-registry.ts";
import { systemClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/logger.ts";
import { MemoryStore } from "../../store/memory-store.ts";
import { Http2Client } from "./http2-client.ts";

/** Tokens of the tests: one administrator, one user without any rights, the agents of two nodes. */
export const tokens: ReadonlyMap<string, Identity> = new Map([
  ["root-token", { name: "root", groups: ["system:masters"] }],
  ["jane-token", { name: "jane", groups: ["developers"] }],
  ["here-token", nodeIdentity("here")],
  ["elsewhere-token", nodeIdentity("elsewhere")],
]);

export type Protocol = "http/1.1" | "h2";

export interface Reply {
  code: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says
  json: any;
}

export interface Ask {
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array | object;
  /** Default: the admin's client certificate. */
  as?: "admin" | "nobody" | "jane";
}

/** One for all. */
export function auditLogs({ record }: Pick<AuditLog, "record">): AuditLogs {
  const log: AuditLog = {
    record,
    owe: (event) => record(event).catch(() => {}),
    synced: async () => {},
    close: async () => {},
  };
  return { changes: log, reads: log, refusals: log, parts: log };
}

const noLogs: LogSource = {
  async *open() {},
};

const noExec: ExecSource = {
  open: () => Promise.reject(badRequest("it does not run")),
};

const noDiffs: DiffSource = {
  diffOf: async () => ({ changes: [], findings: [] }),
};

interface TestOptions extends Partial<ApiServerOptions> {
  /** What its clients speak; default: HTTP/1.1. */
  protocol?: Protocol;
  logs?: LogSource;
  exec?: ExecSource;
  diffs?: DiffSource;
  /** All that is audited. */
  audit?: Pick<AuditLog, "record">;
  /** Installed beside the kinds. */
  views?: (registry: StoreRegistry) => Storage[];
}

/** A whole API server over TLS on a free port of the loopback, over a memory Store unless told otherwise. */
export class TestServer {
  readonly server: ApiServer;
  readonly store: MemoryStore;
  readonly registry: StoreRegistry;
  readonly certificates: Certificates;
  readonly #folder: string;
  readonly #agents: Record<"admin" | "nobody", Agent>;
  readonly #http2: Record<"admin" | "nobody", Http2Client> | undefined;
  url = "";

  private constructor(
    server: ApiServer,
    store: MemoryStore,
    registry: StoreRegistry,
    certificates: Certificates,
    folder: string,
    protocol: Protocol,
  ) {
    this.server = server;
    this.store = store;
    this.registry = registry;
    this.certificates = certificates;
    this.#folder = folder;
    const { ca, admin } = certificates;
    this.#agents = {
      admin: new Agent({ ca, cert: admin.cert, key: admin.key, keepAlive: true }),
      nobody: new Agent({ ca, keepAlive: true }),
    };
    const authority = (): string => this.url;
    this.#http2 =
      protocol === "h2"
        ? {
            admin: new Http2Client(authority, { ca, cert: admin.cert, key: admin.key }),
            nobody: new Http2Client(authority, { ca }),
          }
        : undefined;
  }

  static async start({
    logs = noLogs,
    exec = noExec,
    diffs = noDiffs,
    views = () => [],
    protocol = "http/1.1",
    audit = { record: async () => {} },
    ...overrides
  }: TestOptions = {}): Promise<TestServer> {
    const folder = await mkdtemp(join(tmpdir(), "wctl-api-"));
    const store = await MemoryStore.open({ logger: silentLogger, clock: systemClock });
    const registry = new StoreRegistry({ store, clock: systemClock, logger: silentLogger, logs, exec, diffs });
    for (const view of views(registry)) registry.install(view);
    await registry.bootstrap();
    const certificates = await ensureCertificates({ directory: folder, host: "127.0.0.1", now: new Date() });
    const prometheus = new PrometheusRegistry();
    const server = new ApiServer({
      kubeconfig: async ({ user, groups, seconds }) => `user: ${user} ${groups.join("+")} ${seconds}\n`,
      tokenKeys: () => [],
      backup: async () => `{"kind":"Backup"}\n`,
      secretKeys: { rotate: async ({ dryRun }) => ({ kind: "SecretKeyRotation", dryRun }) },
      registry,
      certificates: async () => certificates,
      authenticator: new CredentialAuthenticator(systemClock, tokens),
      authorizer: defaultAuthorizer(registry),
      hooks: { secretOf: async () => undefined, trigger: () => {} },
      auditor: new Auditor({ logs: auditLogs(audit), clock: systemClock, logger: silentLogger }),
      logger: silentLogger,
      clock: systemClock,
      health: () => ({ live: true, ready: true, checks: [{ name: "store", ok: true }] }),
      metrics: async () => prometheus,
      version: "0.1.0",
      ...overrides,
    });
    const test = new TestServer(server, store, registry, certificates, folder, protocol);
    test.url = (await server.listen("127.0.0.1", 0)).url;
    return test;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  async stop(): Promise<void> {
    for (const agent of Object.values(this.#agents)) agent.destroy();
    for (const client of Object.values(this.#http2 ?? {})) client.close();
    await this.server.close();
    await this.store.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Resolves with the whole reply. The path goes out as it is. */
  async ask(method: string, path: string, ask: Ask = {}): Promise<Reply> {
    const response = await this.open(method, path, ask);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const text = bytes.toString("utf8");
    const isJson =
      response.headers["content-type"]?.startsWith("application/json") && !response.headers["content-encoding"];
    return {
      code: response.statusCode ?? 0,
      headers: response.headers,
      bytes,
      text,
      json: isJson && text ? JSON.parse(text) : undefined,
    };
  }

  /** Resolves when the headers are there. */
  open(method: string, path: string, { headers = {}, body, as = "admin" }: Ask = {}): Promise<IncomingMessage> {
    const bytes = typeof body === "string" || body instanceof Uint8Array ? body : body && JSON.stringify(body);
    const sized = headers["transfer-encoding"] ? {} : { "content-length": String(Buffer.byteLength(bytes ?? "")) };
    const who = as === "admin" ? "admin" : "nobody";
    const sent = {
      ...(bytes === undefined ? {} : { "content-type": "application/json", ...sized }),
      ...(as === "jane" ? { authorization: "Bearer jane-token" } : {}),
      ...headers,
    };
    if (this.#http2) return this.#http2[who].open(method, path, sent, bytes);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const request = httpsRequest(this.url + path, {
      method,
      path,
      agent: this.#agents[who],
      servername: "localhost",
      headers: sent,
    });
    request.once("response", resolve);
    request.once("error", reject);
    request.end(bytes);
    return promise;
  }
}

/** Small and valid. */
export const processManifest = (name: string, spec: object = {}, metadata: object = {}) => ({
  apiVersion: "wctl.dev/v1",
  kind: "Process",
  metadata: { name, ...metadata },
  spec: { command: "/bin/true", ...spec },
});

export const processesPath = "/apis/wctl.dev/v1/namespaces/default/processes";
