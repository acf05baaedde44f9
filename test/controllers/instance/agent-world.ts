import type { DeleteOptions } from "../../../api/client.ts";
import { makeKey, type Stored } from "../../../api/object.ts";
import { events, instances, nodes } from "../../../api/scheme.ts";
import type { Instance } from "../../../api/types.generated.ts";
import {
  controllerIdentity,
  type Identity,
  instanceGarbageCollector,
  nodeIdentity,
} from "../../../apiserver/authentication/identity.ts";
import { noProtection } from "../../../apiserver/encryption/key-protection.ts";
import type { LocalClient } from "../../../apiserver/local-client.ts";
import { StoreRegistry } from "../../../apiserver/registry/store-registry.ts";
import { DataSeal } from "../../../cmd/wctld/data-dir/data-seal.ts";
import { Agent } from "../../../controllers/instance/agent.ts";
import { StoreSessions } from "../../../controllers/instance/homes/store-sessions.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { ApiEventRecorder } from "../../../machinery/event-recorder.ts";
import { Manager } from "../../../machinery/manager.ts";
import { MemoryMachine, type MemoryProcess } from "../../../runtime/memory/memory-machine.ts";
import { MemoryRuntime } from "../../../runtime/memory/memory-runtime.ts";
import type { ProbeReport, Prober, ProbeSet, ProbeState, ProbeTarget } from "../../../runtime/probes/prober.ts";
import { MemoryStore } from "../../../store/memory-store.ts";
import { admin, localClients } from "../../apiserver/local-clients.ts";
import { FakeClock, settle } from "../../lib/fake-clock.ts";

/** A Prober whose results the test decides. */
export class ScriptedProber implements Prober {
  readonly states = new Map<string, ProbeState>();
  readonly probes = new Map<string, ProbeSet>();
  readonly #listeners = new Set<(uid: string, report: ProbeReport) => void>();

  set(target: ProbeTarget, probes: ProbeSet, initial?: { started: boolean; ready: boolean }): void {
    this.probes.set(target.uid, probes);
    if (this.states.get(target.uid)?.run === target.run) return;
    const state = initial ?? { started: !probes.startup, ready: !probes.readiness };
    this.states.set(target.uid, { run: target.run, ...state });
  }
  remove(uid: string): void {
    this.states.delete(uid);
  }
  get(uid: string): ProbeState | undefined {
    return this.states.get(uid);
  }
  subscribe(listener: (uid: string, report: ProbeReport) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  async close(): Promise<void> {}
  get size(): number {
    return this.states.size;
  }

  report(uid: string, change: Partial<ProbeState>, report: ProbeReport): void {
    const state = this.states.get(uid);
    if (state) this.states.set(uid, { ...state, ...change });
    for (const listener of this.#listeners) listener(uid, report);
  }
}

/** An API, an agent and a pretended machine; the machine and the store outlive the agent, as in the real world. */
export class AgentWorld {
  readonly clock = new FakeClock();
  readonly machine = new MemoryMachine();
  readonly node = "here";
  isStoreHealthy = true;
  prober = new ScriptedProber();
  client!: LocalClient;
  clientOf!: (user: Identity) => LocalClient;
  agent!: Agent;
  runtime!: MemoryRuntime;
  store!: MemoryStore;
  #manager!: Manager;
  #recorder!: ApiEventRecorder;

  static async make(): Promise<AgentWorld> {
    const world = new AgentWorld();
    const store = await MemoryStore.open({ clock: world.clock, logger: silentLogger });
    world.store = store;
    const registry = new StoreRegistry({ store, clock: world.clock, logger: silentLogger });
    await registry.bootstrap();
    world.clientOf = localClients(registry);
    world.client = world.clientOf(admin);
    await world.client.create(nodes, { apiVersion: "v1", kind: "Node", metadata: { name: world.node } });
    await world.startAgent();
    return world;
  }

  async startAgent(): Promise<void> {
    const { clock, clientOf, node } = this;
    clock.advance(1); // no daemon starts in the millisecond in which another one ended
    const runtime = new MemoryRuntime({ clock, machine: this.machine });
    await runtime.recover();
    this.runtime = runtime;
    this.prober = new ScriptedProber();
    const client = clientOf(controllerIdentity("event-recorder"));
    this.#recorder = new ApiEventRecorder({ client, clock, logger: silentLogger, component: "agent", host: node });
    this.agent = new Agent({
      client: clientOf(nodeIdentity(node)),
      instanceCollector: clientOf(instanceGarbageCollector),
      homeCollector: clientOf(controllerIdentity("home-collector")),
      runtime,
      prober: this.prober,
      recorder: this.#recorder,
      clock,
      logger: silentLogger,
      nodeName: node,
      concurrency: 8,
      defaults: () => ({ stopSignal: "SIGTERM" }),
      seal: new DataSeal(Buffer.alloc(32), noProtection),
      storeSessions: new StoreSessions(undefined, this.store.revision),
      isStoreHealthy: () => this.isStoreHealthy,
      portRange: () => [20_000, 20_002],
      random: () => 0.5,
    });
    this.#manager = new Manager({ logger: silentLogger });
    this.agent.register(this.#manager);
    await this.#manager.start(new AbortController().signal);
    await this.settle();
  }

  /** As kill -9: the agent is gone, the machine goes on. */
  async loseAgent(): Promise<void> {
    await this.#manager.stop();
  }

  /** Lets everything that can happen without time passing happen. */
  async settle(): Promise<void> {
    await settle(60);
    await this.#recorder.flush();
    await settle(20);
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advanceAsync(ms);
    await this.settle();
  }

  async create(name: string, spec: Partial<Instance["spec"]> = {}, process = name): Promise<void> {
    await this.client.create(instances, {
      apiVersion: "wctl.dev/v1",
      kind: "Instance",
      metadata: { name, namespace: "default" },
      spec: { command: "runs-forever", nodeName: this.node, index: 0, revision: "r1", processName: process, ...spec },
    });
    await this.settle();
  }

  async delete(name: string, options: DeleteOptions = {}): Promise<void> {
    await this.client.delete(instances, makeKey("default", name), options);
    await this.settle();
  }

  /** As no client can: the Instance is no longer stored, and nobody was asked. */
  async vanish(name: string): Promise<void> {
    const { metadata } = await this.get(name);
    await this.store.delete(`wctl.dev/instances/default/${name}`, Number(metadata.resourceVersion));
    await this.settle();
  }

  get(name: string): Promise<Stored<Instance>> {
    return this.client.get(instances, makeKey("default", name));
  }

  async status(name: string): Promise<NonNullable<Instance["status"]>> {
    return (await this.get(name)).status ?? {};
  }

  async exists(name: string): Promise<boolean> {
    const { items } = await this.client.list(instances);
    return items.some((one) => one.metadata.name === name);
  }

  async process(name: string): Promise<MemoryProcess> {
    const found = this.machine.processes.get((await this.get(name)).metadata.uid);
    if (!found) throw new Error(`${name} was never started`);
    return found;
  }

  async messages(name: string): Promise<string[]> {
    const { items } = await this.client.list(events);
    return items.filter((event) => event.involvedObject.name === name).map((event) => event.message ?? "");
  }

  async reasons(name: string): Promise<string[]> {
    const { items } = await this.client.list(events);
    return items.filter((event) => event.involvedObject.name === name).map((event) => event.reason ?? "");
  }
}
