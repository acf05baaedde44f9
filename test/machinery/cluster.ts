import type { TestContext } from "node:test";
import type { Client } from "../../api/client.ts";
import { type Key, type KubeObject, keyOf, type Stored } from "../../api/object.ts";
import { instances, processes, type Resource, wellKnown } from "../../api/scheme.ts";
import type { Instance, InstanceStatus, Process, ProcessSpec } from "../../api/types.generated.ts";
import { controllerIdentity, type Identity, nodeIdentity } from "../../apiserver/authentication/identity.ts";
import type { ControllerName } from "../../apiserver/authorization/bootstrap-roles.ts";
import { StoreRegistry } from "../../apiserver/registry/store-registry.ts";
import { silentLogger } from "../../lib/logger.ts";
import { Controller } from "../../machinery/controller.ts";
import { ApiEventRecorder } from "../../machinery/event-recorder.ts";
import { Informer } from "../../machinery/informer.ts";
import type { Indexers } from "../../machinery/lister.ts";
import { Manager } from "../../machinery/manager.ts";
import { done } from "../../machinery/outcome.ts";
import type { Reconciler } from "../../machinery/reconciler.ts";
import { MemoryStore } from "../../store/memory-store.ts";
import { admin, localClients } from "../apiserver/local-clients.ts";
import { FakeClock, settle } from "../lib/fake-clock.ts";

/** The real API over a memory store, real informers and a manager; time and the agent are the test's. */
export class Cluster {
  readonly clock: FakeClock;
  readonly client: Client;
  /** In another name than that of `client`, which may do everything. */
  readonly clientOf: (user: Identity) => Client;
  readonly #wrap: (client: Client) => Client;
  readonly manager = new Manager({ logger: silentLogger });
  readonly recorder: ApiEventRecorder;
  readonly #controllers: Controller[] = [];
  readonly #aborter = new AbortController();
  readonly #store: MemoryStore;

  private constructor(
    clientOf: (user: Identity) => Client,
    wrap: (client: Client) => Client,
    clock: FakeClock,
    store: MemoryStore,
  ) {
    this.#store = store;
    const client = wrap(clientOf(admin));
    this.client = client;
    this.clientOf = clientOf;
    this.#wrap = wrap;
    this.clock = clock;
    this.recorder = new ApiEventRecorder({ client, component: "test", host: "pc1", clock, logger: silentLogger });
  }

  /** Closed after the test `t`, or by `close` without one. */
  static async open(t?: TestContext, wrap: (client: Client) => Client = (client) => client): Promise<Cluster> {
    const clock = new FakeClock("2026-05-01T10:00:00Z");
    const store = await MemoryStore.open({ logger: silentLogger, clock });
    const registry = new StoreRegistry({ store, clock, logger: silentLogger });
    await registry.bootstrap();
    const cluster = new Cluster(localClients(registry), wrap, clock, store);
    t?.after(() => cluster.close());
    return cluster;
  }

  /** The Client that this controller has in the daemon. */
  as(controller: ControllerName): Client {
    return this.#wrap(this.clientOf(controllerIdentity(controller)));
  }

  /** `keep`: the part of an Object that the cache holds. */
  informer<T extends KubeObject>(
    resource: Resource<T>,
    indexers: Indexers<T> = {},
    keep: (object: Stored<T>) => Stored<T> = (object) => object,
  ): Informer<T> {
    const client = this.as("shared-informers");
    const { clock } = this;
    const options = { client, resource, clock, logger: silentLogger, indexers, transform: keep };
    return this.manager.addInformer(new Informer(options));
  }

  controller(name: string, reconciler: Reconciler): Controller {
    const controller = new Controller({ name, reconciler, clock: this.clock, logger: silentLogger });
    this.#controllers.push(controller);
    this.manager.addController(controller);
    return controller;
  }

  async start(): Promise<void> {
    await this.manager.start(this.#aborter.signal);
    await this.calm();
  }

  /** Resolves when nothing more happens unless time passes. */
  async calm(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet++) {
      await settle(5);
      await this.recorder.flush();
      for (const controller of this.#controllers) {
        if (controller.queue.depth > 0) quiet = 0;
        await controller.idle();
      }
    }
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advanceAsync(ms);
    await this.calm();
  }

  all<T extends KubeObject>(resource: Resource<T>, namespace?: string): Promise<Stored<T>[]> {
    return this.client.list(resource, namespace === undefined ? {} : { namespace }).then(({ items }) => items);
  }

  async names<T extends KubeObject>(resource: Resource<T>, namespace = "default"): Promise<string[]> {
    return (await this.all(resource, namespace)).map((object) => object.metadata.name);
  }

  /** Undefined when it is not there. */
  async find<T extends KubeObject>(resource: Resource<T>, key: Key): Promise<Stored<T> | undefined> {
    return (await this.all(resource)).find((object) => keyOf(object) === key);
  }

  process(key: Key): Promise<Stored<Process> | undefined> {
    return this.find(processes, key);
  }

  async declare(name: string, spec: Partial<ProcessSpec> = {}, metadata: Partial<KubeObject["metadata"]> = {}) {
    const object = {
      apiVersion: "wctl.dev/v1" as const,
      kind: "Process" as const,
      metadata: { name, namespace: "default", ...metadata },
      spec: { command: "/bin/true", ...spec },
    };
    return await this.client.create(processes, object);
  }

  async change(key: Key, spec: Record<string, unknown>): Promise<void> {
    await this.client.patch(processes, key, { type: "merge", body: { spec } });
  }

  async close(): Promise<void> {
    this.#aborter.abort();
    await this.manager.stop();
    await this.#store.close();
  }
}

/** What an agent does, without an operating system: says of each Instance what `becomes` says, and stops what is deleted. */
export class FakeAgent implements Reconciler {
  /** Undefined: leave it as it is. May be changed by the test; `nudge` makes it count. */
  becomes: (instance: Stored<Instance>) => InstanceStatus | undefined = () => ({
    phase: "Ready",
    ready: true,
    started: true,
  });
  /** False: what is deleted does not stop yet. */
  stops: (instance: Stored<Instance>) => boolean = () => true;
  readonly #cluster: Cluster;
  readonly #informer: Informer<Instance>;
  readonly #controller: Controller;

  constructor(cluster: Cluster, informer: Informer<Instance>) {
    this.#cluster = cluster;
    this.#informer = informer;
    this.#controller = cluster.controller("agent", this);
    this.#controller.watch(informer, ({ object }) => [keyOf(object)]);
  }

  async nudge(): Promise<void> {
    for (const instance of this.#informer.lister.list()) this.#controller.queue.add(keyOf(instance));
    await this.#cluster.calm();
  }

  async reconcile({ key }: { key: Key }) {
    const instance = this.#informer.lister.get(key);
    if (!instance) return done;
    if (instance.metadata.deletionTimestamp) await this.#stop(instance);
    else await this.#report(instance, this.becomes(instance));
    return done;
  }

  async #stop(instance: Stored<Instance>): Promise<void> {
    if (!this.stops(instance)) return;
    const finalizers = (instance.metadata.finalizers ?? []).filter((name) => name !== wellKnown.stopFinalizer);
    const body = { metadata: { finalizers } };
    const client = this.#cluster.clientOf(nodeIdentity(instance.spec.nodeName));
    await client.patch(instances, keyOf(instance), { type: "merge", body }).catch(() => {});
  }

  async #report(instance: Stored<Instance>, status: InstanceStatus | undefined): Promise<void> {
    if (!status || instance.status?.phase === status.phase) return;
    const readySince = status.ready ? this.#cluster.clock.wall().toISOString() : undefined;
    const full = readySince === undefined ? status : { ...status, readySince };
    await this.#cluster.client.updateStatus(instances, { ...instance, status: full }).catch(() => {});
  }
}
