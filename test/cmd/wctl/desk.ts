import { once } from "node:events";
import { StatusError } from "../../../api/errors.ts";
import { HttpClient } from "../../../api/http/http-client.ts";
import { encodeFrame } from "../../../api/log-frame.ts";
import type { LogOptions } from "../../../api/log-options.ts";
import type { Stored } from "../../../api/object.ts";
import { instances, processes } from "../../../api/scheme.ts";
import type { Instance, Process } from "../../../api/types.generated.ts";
import type { LogSource } from "../../../apiserver/registry/log-source.ts";
import type { Session } from "../../../cmd/wctl/command/session.ts";
import { type Clock, systemClock } from "../../../lib/clock.ts";
import { TestServer } from "../../apiserver/test-server.ts";
import { type Ran, type RunOptions, runWords } from "./run-words.ts";

/** The CLI without a process, before a whole API server: what a user types, and what is printed. */
export class Desk {
  readonly server: TestServer;
  readonly client: HttpClient;
  readonly #clock: Clock;
  /** What was written, by uid of the Instance, or `UID-OF-PROCESS/INDEX` of a copy that is not there. */
  readonly logs: Map<string, string>;
  readonly #logRequests: LogOptions[];

  private constructor(server: TestServer, logs: Map<string, string>, logRequests: LogOptions[], clock: Clock) {
    const { ca, admin } = server.certificates;
    this.server = server;
    this.logs = logs;
    this.#logRequests = logRequests;
    this.#clock = clock;
    this.client = new HttpClient({ server: server.url, ca, cert: admin.cert, key: admin.key });
  }

  static async open(clock: Clock = systemClock): Promise<Desk> {
    const logs = new Map<string, string>();
    const requests: LogOptions[] = [];
    const source: LogSource = {
      async *open({ instance, owner, index }, options, signal) {
        requests.push(options);
        const text = logs.get(instance ?? `${owner}/${index}`);
        if (text === undefined && instance === undefined)
          throw new StatusError("NotFound", "this copy has not run yet");
        const bytes = Buffer.from(text ?? "");
        if (!options.frames) {
          yield bytes;
          return;
        }
        yield encodeFrame({ type: "begin", run: 1, startedAt: "2026-01-01T00:00:00.000Z" });
        yield encodeFrame({ type: "output", run: 1, position: "p", bytes });
        yield encodeFrame({ type: "end", run: 1, position: "q" });
        if (options.follow && !signal.aborted) await once(signal, "abort");
      },
    };
    return new Desk(await TestServer.start({ logs: source }), logs, requests, clock);
  }

  /** Before a server that the test has started; it is stopped with the desk. */
  static async over(server: TestServer): Promise<Desk> {
    return new Desk(server, new Map(), [], systemClock);
  }

  /** The log requests from now on. */
  seenLogRequests(): () => LogOptions[] {
    const from = this.#logRequests.length;
    return () => this.#logRequests.slice(from);
  }

  async close(): Promise<void> {
    this.client.close();
    await this.server.stop();
  }

  /** A line as typed; words are split at blanks. */
  async wctl(line: string | readonly string[], options: RunOptions = {}): Promise<Ran> {
    const words = typeof line === "string" ? line.split(" ").filter((word) => word !== "") : line;
    return runWords(words, ({ namespace }, warn) => this.#session(namespace, warn), {
      clock: this.#clock,
      columns: 100,
      ...options,
    });
  }

  #session(namespace: string | undefined, warn: (line: string) => void): Session {
    const { ca, admin } = this.server.certificates;
    const client = new HttpClient(
      { server: this.server.url, ca, cert: admin.cert, key: admin.key },
      { onWarning: (text) => warn(`Warning: ${text}`) },
    );
    const connection = { client, namespace: namespace ?? "default", namespaceGiven: namespace !== undefined };
    return { kubeconfig: undefined, namespace, open: async () => connection, whyNoAnswer: () => undefined };
  }

  async process(name: string, spec: object = {}, status?: object, metadata: object = {}): Promise<Stored<Process>> {
    const made = await this.client.create(processes, {
      apiVersion: "wctl.dev/v1",
      kind: "Process",
      metadata: { name, namespace: "default", ...metadata },
      spec: { command: "/bin/web", ...spec },
    });
    if (!status) return made;
    const { resourceVersion: _, ...rest } = made.metadata;
    return this.client.updateStatus(processes, { ...made, metadata: rest, status } as Process);
  }

  async instance(process: Stored<Process>, index: number, status: object = {}): Promise<Stored<Instance>> {
    const { name, uid, namespace } = process.metadata;
    const made = await this.client.create(instances, {
      apiVersion: "wctl.dev/v1",
      kind: "Instance",
      metadata: {
        name: `${name}-${index}`,
        namespace: namespace!,
        labels: { "wctl.dev/process": name },
        ownerReferences: [{ apiVersion: "wctl.dev/v1", kind: "Process", name, uid, controller: true }],
      },
      spec: { command: "/bin/web", nodeName: "here", index, revision: "r1", processName: name },
    });
    const { resourceVersion: _, ...rest } = made.metadata;
    return this.client.updateStatus(instances, { ...made, metadata: rest, status } as Instance);
  }
}

/** The status of a Process whose rollout is complete. */
export const rolledOut = (replicas: number, generation = 1): object => ({
  observedGeneration: generation,
  replicas,
  updatedReplicas: replicas,
  readyReplicas: replicas,
  availableReplicas: replicas,
  phase: "Running",
  selector: "wctl.dev/process=web",
  conditions: [
    {
      type: "Ready",
      status: "True",
      reason: "AllReady",
      message: "all instances are ready",
      lastTransitionTime: "2026-01-01T00:00:00Z",
      observedGeneration: generation,
    },
  ],
});
