/** The composition root: the only place that says `new` on big things. One start order, one stop order. */
import { join } from "node:path";
import { stderr, stdout } from "node:process";
import type { Client } from "../../api/client.ts";
import type { Stored } from "../../api/object.ts";
import { instances, nodes, processes } from "../../api/scheme.ts";
import type { DaemonConfig, Node } from "../../api/types.generated.ts";
import { ApiServer } from "../../apiserver/api-server.ts";
import { CredentialAuthenticator } from "../../apiserver/authentication/authenticator.ts";
import { controllerIdentity, type Identity, nodeIdentity } from "../../apiserver/authentication/identity.ts";
import { defaultAuthorizer } from "../../apiserver/authorization/default-authorizer.ts";
import type { Health } from "../../apiserver/health.ts";
import { LocalClient } from "../../apiserver/local-client.ts";
import { writeAdminKubeconfig } from "../../apiserver/pki/admin-kubeconfig.ts";
import { type Certificates, ensureCertificates } from "../../apiserver/pki/certificates.ts";
import { StoreRegistry } from "../../apiserver/registry/store-registry.ts";
import { InstanceMetricsView } from "../../apiserver/views/instance-metrics.ts";
import type { Agent } from "../../controllers/instance/agent.ts";
import { registerNode } from "../../controllers/instance/node/node-registration.ts";
import { Cleanup } from "../../lib/cleanup.ts";
import { systemClock as clock } from "../../lib/clock.ts";
import { DeferredLogger } from "../../lib/deferred-logger.ts";
import type { Logger } from "../../lib/logger.ts";
import type { PathTrust } from "../../lib/path-trust.ts";
import { wctlVersion } from "../../lib/version.ts";
import type { RootLogger } from "../../lib/winston-logger.ts";
import { ApiEventRecorder } from "../../machinery/event-recorder.ts";
import { Manager } from "../../machinery/manager.ts";
import { LogReader } from "../../runtime/logs/log-reader.ts";
import { ProbeScheduler } from "../../runtime/probes/probe-scheduler.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { SqliteJournal } from "../../store/sqlite/sqlite-journal.ts";
import type { SqliteStore } from "../../store/sqlite/sqlite-store.ts";
import { ConfigFile } from "./config/config-file.ts";
import { inputTrust } from "./config/input-trust.ts";
import type { DaemonOptions } from "./config/options.ts";
import { DataDirLock } from "./data-dir/data-dir-lock.ts";
import type { DaemonHost } from "./lifecycle/daemon-host.ts";
import { Shutdown } from "./lifecycle/shutdown.ts";
import { listenForSignals } from "./lifecycle/signals.ts";
import { endProcess, listenForUnhandled } from "./lifecycle/unhandled-errors.ts";
import { MemoryTrim } from "./memory-trim.ts";
import { DaemonMetrics } from "./metrics/daemon-metrics.ts";
import { SampledUsage } from "./metrics/sampled-usage.ts";
import { nodeInfo } from "./node/node-info.ts";
import { nodeName as nodeNameOf } from "./node/node-name.ts";
import { historyBudget, openStore } from "./open-store.ts";
import { defaultStopSignal, keyProtection, openDataDir, openRuntime, portHolderOf, releaseOf } from "./platform.ts";
import { registerControllers } from "./register-controllers.ts";
import { ApiListener } from "./serving/api-listener.ts";

/** Resolves with the exit code when the daemon has been stopped. Rejects when it cannot start. */
export async function runDaemon(options: DaemonOptions, given: Given = {}): Promise<number> {
  const { host } = given;
  const daemon = new Daemon(options, given);
  try {
    await daemon.start();
    host?.ready();
    return await daemon.run();
  } finally {
    await daemon.close();
  }
}

interface Given {
  /** What hosts the daemon: Windows' service control manager. */
  host?: DaemonHost;
  /** A thread for the store that is coming up already. The daemon closes it. */
  journal?: SqliteJournal;
}

class Daemon {
  #options: DaemonOptions;
  readonly #host: DaemonHost | undefined;
  readonly #journal: SqliteJournal;
  readonly #cleanup = new Cleanup();
  readonly #logger = new DeferredLogger();
  #log: RootLogger | undefined;
  #agent: Agent | undefined;
  #manager: Manager | undefined;
  #url: string | undefined;
  #certificates: Certificates | undefined;
  readonly #shutdown = new Shutdown({ clock, leave: (why) => this.#leave(why) });
  #keepsWorkloads: boolean;
  /** Milliseconds that the host gives for stopping the workloads. */
  #withinMs: number | undefined;
  #configuredMs: () => number | undefined = () => undefined;

  constructor(options: DaemonOptions, { host, journal = new SqliteJournal() }: Given) {
    this.#options = options;
    this.#host = host;
    this.#journal = journal;
    this.#cleanup.add(() => journal.close());
    this.#keepsWorkloads = options.onStop === "keep";
  }

  async start(): Promise<void> {
    process.umask(0o022); // workloads inherit it; our own files are made with their modes, in a folder that is ours alone
    const dataDir = await openDataDir(this.#options.dataDir); // First of all: what fails from here on may be noted there.
    this.#options = { ...this.#options, dataDir };
    const { listen } = this.#options;
    const trust = await inputTrust();
    const config = new ConfigFile(this.#options.config, clock, trust);
    this.#cleanup.add(
      listenForUnhandled({
        clock,
        say: (message, fields) => this.#lastWords(message, fields),
        flush: () => this.#flush(),
      }),
    );
    this.#cleanup.add(listenForSignals({ stop: () => this.#shutdown.request(), reload: () => config.reload() }));
    this.#host?.attach({
      stop: (how, withinMs) => {
        if (how === "keep") this.#keepsWorkloads = true;
        this.#withinMs ??= withinMs;
        this.#shutdown.request();
      },
      reload: () => config.reload(),
      pause: () => this.#agent?.pause(),
      resume: () => this.#agent?.resume(),
    });
    const lock = new DataDirLock(dataDir);
    this.#cleanup.add(() => lock.release());

    const logger = this.#logger;
    this.#cleanup.add(async () => {
      await this.#openLog(config); // a start that failed has something to say too
      await this.#log?.close();
    });
    config.watch(logger);
    this.#cleanup.add(() => config.close());
    logger.info("wctld starting", { version: wctlVersion, pid: process.pid, dataDir });

    // What takes long and does not need the other begins together; what did open is closed when another did not.
    const opening = [
      this.#openStore(config.current),
      openRuntime(this.#options, clock, logger).then((runtime) => this.#own(runtime)),
      this.#ensureCertificates().catch(() => undefined), // Told when the API is opened, which can wait.
      this.#openLog(config), // loading winston takes as long as the store's thread lets us wait
    ] as const;
    await Promise.allSettled(opening);
    const [{ store, rotation }, runtime] = await Promise.all(opening);
    await runtime.recover();

    const registry = new StoreRegistry({
      store,
      clock,
      logger,
      defaults: () => config.current.defaults ?? {},
      logs: new LogReader(runtime, () => clock.wall()),
    });
    registry.install(new InstanceMetricsView(registry, new SampledUsage(runtime, clock), clock));
    const authorizer = defaultAuthorizer(registry);
    const clientOf = (user: Identity): Client => new LocalClient({ registry, authorizer }, user);
    const metrics = new DaemonMetrics({ runtime, store });
    const server = new ApiServer({
      registry,
      secretKeys: rotation,
      certificates: () => this.#ensureCertificates(),
      authenticator: new CredentialAuthenticator(clock),
      authorizer,
      logger: logger.child({ room: "apiserver" }),
      clock,
      health: () => this.#health(store.health),
      metrics: () => metrics.source(),
      version: wctlVersion,
    });
    const release = await releaseOf(runtime);
    const trim = new MemoryTrim({ clock, logger, work: () => metrics.reconciles, release });
    this.#cleanup.add(() => trim.close());
    const listener = new ApiListener({
      listen,
      open: () => server.listen(listen.host, listen.port),
      holder: portHolderOf(runtime),
      opened: (url) => this.#opened(url),
      shut: (why) => this.#shut(why),
      clock,
      logger,
    });
    this.#cleanup.add(() => server.close());
    this.#cleanup.add(() => listener.close());
    const api = await listener.open().catch((error: Error) => error);
    // Without anything to supervise it is of no use to wait: somebody at a terminal wants to know.
    if (api instanceof Error && !this.#host && !(await this.#hasWork(registry))) throw api;

    if (store.health.ok) {
      const { items } = await registry.list(nodes, {});
      const nodeName = nodeNameOf(dataDir, () => items.map(({ metadata }) => metadata.name));
      const node = registerNode(clientOf(nodeIdentity(nodeName)), nodeName, nodeInfo(runtime.name), clock);
      node.catch(() => {}); // awaited with the controllers
      await registry.bootstrap();
      this.#configuredMs = () => {
        const { shutdownSeconds } = config.current;
        return shutdownSeconds === undefined ? undefined : shutdownSeconds * 1000;
      };
      const isStoreHealthy = (): boolean => store.health.ok;
      await this.#startControllers({
        clientOf,
        runtime,
        config,
        metrics,
        logger,
        nodeName,
        node,
        trust,
        isStoreHealthy,
      });
    } else {
      // Workloads are left alone; what is stored can be read; writes are refused with the same words (P12).
      stderr.write(`warning: degraded: ${store.health.message}\n`);
    }
    if (api instanceof Error) listener.keepTrying(api);
    else await this.#opened(api);
  }

  async #hasWork(registry: StoreRegistry): Promise<boolean> {
    if (this.#options.manifests !== undefined) return true;
    const lists = await Promise.all([processes, instances].map((resource) => registry.list(resource, { limit: 1 })));
    return lists.some(({ items }) => items.length > 0);
  }

  async #opened(url: string): Promise<void> {
    this.#url = url;
    const kubeconfig = await this.#writeKubeconfig(url);
    stdout.write(`wctld ready ${url} kubeconfig=${kubeconfig}\n`);
    this.#logger.info("wctld ready", { url });
    this.#host?.apiOpen();
  }

  #shut(why: string): void {
    stderr.write(`warning: ${why}; workloads are supervised without the API, which is tried again\n`);
    this.#host?.apiShut(why);
  }

  async #openStore(config: DaemonConfig): Promise<Awaited<ReturnType<typeof openStore>>> {
    const { dataDir } = this.#options;
    const protection = await keyProtection();
    const opened = await openStore({
      dataDir,
      journal: this.#journal,
      protection,
      logger: this.#logger,
      clock,
      history: historyBudget(config),
    });
    this.#own(opened.store);
    return opened;
  }

  /** Until then the lines wait. */
  async #openLog(config: ConfigFile): Promise<void> {
    if (this.#log) return;
    const { createLogger } = await import("../../lib/winston-logger.ts");
    const { dataDir, logLevel } = this.#options;
    const { retention, logLevel: configured } = config.current;
    const log = createLogger({
      level: configured ?? logLevel,
      file: {
        path: join(dataDir, "wctld.log"),
        maxBytes: retention?.daemonLogBytes ?? 10 * 1024 * 1024,
        maxFiles: retention?.daemonLogFiles ?? 5,
      },
      console: stderr.isTTY === true,
    });
    this.#log = log;
    this.#logger.attach(log);
    config.on((next) => log.setLevel(next.logLevel ?? logLevel));
  }

  #own<T extends { close(): Promise<void> }>(opened: T): T {
    this.#cleanup.add(() => opened.close());
    return opened;
  }

  /** What was renewed is in the kubeconfig at once. Rejects with what to look at. */
  async #ensureCertificates(): Promise<Certificates> {
    const { dataDir, listen } = this.#options;
    try {
      const found = await ensureCertificates({ directory: dataDir, host: listen.host, now: clock.wall() });
      this.#certificates = found;
      if (this.#url && found.issued.length > 0) await this.#writeKubeconfig(this.#url);
      return found;
    } catch (error) {
      const { message } = error as Error;
      throw new Error(`the certificates in ${join(dataDir, "pki")} can't be read or made: ${message}`, {
        cause: error,
      });
    }
  }

  /** Also after a renewal: the administrator's certificate is in it. */
  async #writeKubeconfig(server: string): Promise<string> {
    const { ca, admin } = this.#certificates!;
    const path = join(this.#options.dataDir, "admin.kubeconfig");
    await writeAdminKubeconfig({ path, server, ca, admin });
    return path;
  }

  /** Resolves when the daemon was asked to stop and has done so. */
  async run(): Promise<number> {
    this.#shutdown.started();
    await this.#shutdown.stop;
    if (this.#keepsWorkloads || !this.#agent) return 0;
    this.#logger.info("stopping the workloads");
    const insisted = this.#shutdown.insist.then(() => "insisted" as const);
    const left = await Promise.race([this.#agent.shutdown(this.#budgetMs()), insisted]);
    if (left === "insisted") {
      this.#logger.warn("asked twice to stop: leaving workloads as they are");
      return 1;
    }
    for (const workload of left) this.#sayLeft(workload);
    return left.length === 0 ? 0 : 1;
  }

  #sayLeft(workload: string): void {
    this.#logger.error("left running", { workload });
    stderr.write(`wctld: left running: ${workload}\n`);
  }

  /** The shorter of what the host gives and what the configuration says; undefined: what the agent thinks right. */
  #budgetMs(): number | undefined {
    const given = [this.#withinMs, this.#configuredMs()].filter((ms) => ms !== undefined);
    return given.length === 0 ? undefined : Math.min(...given);
  }

  /** In reverse order of opening, within 20 s. */
  async close(): Promise<void> {
    this.#logger.info("wctld ending");
    this.#shutdown.closing();
    await this.#manager?.stop();
    await this.#cleanup.run();
    this.#shutdown.closed();
  }

  #leave(why: string): void {
    this.#logger.error("ending at once", { why });
    stderr.write(`error: ${why}: ending at once\n`);
    endProcess({ clock, flush: () => this.#flush() });
  }

  #lastWords(message: string, fields: { error: string }): void {
    this.#logger.error(message, fields);
    stderr.write(`error: ${message}: ${fields.error}\n`);
    this.#host?.failed(`${message}; wctld.log has it`); // Not the error itself: anybody may read the event log.
  }

  async #flush(): Promise<void> {
    await this.#log?.flush();
  }

  #health(store: SqliteStore["health"]): Health {
    const ended = [...(this.#manager?.ended.keys() ?? [])];
    const unsynced = this.#manager?.unsynced ?? [];
    return {
      live: true,
      ready: store.ok && !this.#shutdown.asked && ended.length === 0 && unsynced.length === 0,
      checks: [
        { name: "store", ok: store.ok, ...(store.ok ? {} : { message: store.message }) },
        { name: "informer-sync", ok: unsynced.length === 0, message: `not listed yet: ${unsynced.join(", ")}` },
        { name: "controllers", ok: ended.length === 0, message: `ended: ${ended.join(", ")}; wctld.log has why` },
        { name: "shutdown", ok: !this.#shutdown.asked, message: "the daemon is stopping" },
      ],
    };
  }

  async #startControllers(parts: {
    isStoreHealthy: () => boolean;
    clientOf: (user: Identity) => Client;
    runtime: Runtime;
    config: ConfigFile;
    metrics: DaemonMetrics;
    logger: Logger;
    nodeName: string;
    node: Promise<Stored<Node>>;
    trust: PathTrust;
  }): Promise<void> {
    const { isStoreHealthy, clientOf, runtime, config, metrics, logger, nodeName, node, trust } = parts;
    const client = clientOf(controllerIdentity("event-recorder"));
    const events = new ApiEventRecorder({ client, component: "wctld", host: nodeName, clock, logger });
    this.#cleanup.add(() => events.flush());
    const recorder = this.#host?.overhear(events) ?? events;
    const prober = new ProbeScheduler({
      clock,
      logger,
      random: Math.random,
      exec: (uid, command, options) => runtime.exec(uid, command, options),
      allowRemoteHosts: config.current.probes?.allowRemoteHosts ?? false,
    });
    this.#cleanup.add(() => prober.close());
    const manager = new Manager({ logger });
    this.#manager = manager;
    this.#agent = registerControllers(manager, {
      isStoreHealthy,
      clientOf,
      runtime,
      prober,
      config,
      metrics,
      logger,
      recorder,
      clock,
      nodeName,
      node,
      manifests: this.#options.manifests,
      trust,
      stopSignal: defaultStopSignal(runtime),
    });
    await Promise.all([node, manager.start(new AbortController().signal)]);
  }
}
