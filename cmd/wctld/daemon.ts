/** The composition root: the only place that says `new` on big things. One start order, one stop order. */
import { join } from "node:path";
import { stderr, stdout } from "node:process";
import type { Client } from "../../api/client.ts";
import { StatusError } from "../../api/errors.ts";
import { instances, nodes, processes } from "../../api/scheme.ts";
import type { DaemonConfig } from "../../api/types.generated.ts";
import { ApiServer } from "../../apiserver/api-server.ts";
import type { AuditLogs } from "../../apiserver/audit/audit-log.ts";
import { Auditor } from "../../apiserver/audit/auditor.ts";
import { FileAuditLog } from "../../apiserver/audit/file-audit-log.ts";
import { CredentialAuthenticator } from "../../apiserver/authentication/authenticator.ts";
import { controllerIdentity, type Identity, nodeIdentity } from "../../apiserver/authentication/identity.ts";
import { LocalClient } from "../../apiserver/local-client.ts";
import type { StoreRegistry } from "../../apiserver/registry/store-registry.ts";
import type { Agent } from "../../controllers/instance/agent.ts";
import type { ExecSessions } from "../../controllers/instance/exec/exec-sessions.ts";
import { beginSession } from "../../controllers/instance/homes/store-sessions-file.ts";
import { ranBefore } from "../../controllers/instance/node/node-lease.ts";
import { type NodeFacts, registerNode } from "../../controllers/instance/node/node-registration.ts";
import { PortFile } from "../../controllers/instance/ports/port-file.ts";
import type { PortForwards } from "../../controllers/instance/ports/port-forwards.ts";
import { ContentDigests } from "../../controllers/process/content/digests.ts";
import { Cleanup } from "../../lib/cleanup.ts";
import { systemClock as clock } from "../../lib/clock.ts";
import type { PathTrust } from "../../lib/path-trust.ts";
import { RunningTime } from "../../lib/running-time.ts";
import { wctlVersion } from "../../lib/version.ts";
import type { Manager } from "../../machinery/manager.ts";
import type { OutgoingPorts } from "../../runtime/ports/outgoing-ports.ts";
import { readRunKey } from "../../runtime/runs/run-proofs.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { SqliteJournal } from "../../store/sqlite/sqlite-journal.ts";
import type { Store } from "../../store/store.ts";
import { BackupMaker } from "./backup/make-backup.ts";
import { portRangeProblem } from "./config/check-port-range.ts";
import { ConfigFile } from "./config/config-file.ts";
import { inputTrust } from "./config/input-trust.ts";
import type { DaemonOptions } from "./config/options.ts";
import { createManager } from "./create-manager.ts";
import { createRegistry } from "./create-registry.ts";
import { DaemonLog } from "./daemon-log.ts";
import { claimDataDir } from "./data-dir/claim.ts";
import { DataDirLock } from "./data-dir/data-dir-lock.ts";
import { DataSeal } from "./data-dir/data-seal.ts";
import type { DaemonHost } from "./lifecycle/daemon-host.ts";
import { daemonNotes } from "./lifecycle/daemon-notes.ts";
import { giveBackMemory } from "./lifecycle/give-back-memory.ts";
import { daemonHealth } from "./lifecycle/health.ts";
import { Shutdown } from "./lifecycle/shutdown.ts";
import { listenForSignals } from "./lifecycle/signals.ts";
import { stopWorkloads } from "./lifecycle/stop-workloads.ts";
import { endProcess, listenForUnhandled } from "./lifecycle/unhandled-errors.ts";
import { DaemonMetrics } from "./metrics/daemon-metrics.ts";
import { nodeFacts } from "./node/node-facts.ts";
import { nodeName as nodeNameOf } from "./node/node-name.ts";
import { historyBudget, openStore } from "./open-store.ts";
import {
  keyProtection,
  localDoor,
  machineIdentity,
  openDataDir,
  openRuntime,
  originOf,
  outgoingPorts,
  portHolderOf,
} from "./platform.ts";
import { ApiListener } from "./serving/api-listener.ts";
import { Credentials } from "./serving/credentials.ts";
import { GitDiffs } from "./serving/git-diffs.ts";
import { GitHooks } from "./serving/git-hooks.ts";

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
  /** What hosts the daemon: Windows' service control manager, or systemd. */
  host?: DaemonHost;
  /** A thread for the store that is coming up already. The daemon closes it. */
  journal?: SqliteJournal;
}

interface Supervised {
  dataDir: string;
  store: Store;
  /** The store's revision before this daemon wrote anything. */
  openedAt: number;
  runtime: Runtime;
  registry: StoreRegistry;
  clientOf: (user: Identity) => Client;
  hooks: GitHooks;
  metrics: DaemonMetrics;
  config: ConfigFile;
  trust: PathTrust;
}

class Daemon {
  #options: DaemonOptions;
  readonly #host: DaemonHost | undefined;
  readonly #journal: SqliteJournal;
  readonly #cleanup = new Cleanup();
  readonly #log = new DaemonLog();
  readonly #shutdown = new Shutdown({ clock, leave: (why) => this.#leave(why) });
  #config: ConfigFile | undefined;
  #manager: Manager | undefined;
  #agent: Agent | undefined;
  #exec: ExecSessions | undefined;
  #ports: PortForwards | undefined;
  readonly #diffs = new GitDiffs();
  /** Undefined until it is known. */
  #nodeName: string | undefined;
  #keepsWorkloads: boolean;
  /** Milliseconds that the host gives for stopping the workloads. */
  #withinMs: number | undefined;

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
    const lock = new DataDirLock(dataDir);
    this.#cleanup.add(() => lock.release());
    this.#cleanup.add(() => daemonNotes.forget(dataDir));
    const { listen } = this.#options;
    const trust = await inputTrust();
    const config = await ConfigFile.open(this.#options.config, clock, trust);
    this.#config = config;
    this.#hear(config);
    const { logger } = this.#log;
    this.#cleanup.add(async () => {
      await this.#openLog(config); // so that the log of a failed start is written too
      await this.#log.close();
    });
    config.watch(logger);
    this.#cleanup.add(() => config.close());
    logger.info("wctld starting", { version: wctlVersion, pid: process.pid, dataDir });
    const claim = await claimDataDir(dataDir, await originOf(dataDir), logger);
    this.#cleanup.add(() => claim.release());

    const outgoing = await outgoingPorts();
    this.#tellOfPorts(config.current, outgoing);
    config.on((changed) => this.#tellOfPorts(changed, outgoing));

    const credentials = new Credentials({ dataDir, host: listen.host, clock });
    // What takes long and does not need the other begins together; what did open is closed when another did not.
    const opening = [
      this.#openStore(config.current),
      openRuntime(this.#options, clock, logger).then((runtime) => this.#own(runtime)),
      credentials.ensure().catch(() => undefined), // Told when the API is opened, which can wait.
      this.#openLog(config), // loading winston takes as long as the store's thread lets us wait
    ] as const;
    await Promise.allSettled(opening);
    const [{ store, rotation, ring }, runtime] = await Promise.all(opening);
    const openedAt = store.revision; // Before anybody writes.
    await runtime.recover();

    const { registry, authorizer, tokens } = await createRegistry({
      dataDir,
      store,
      runtime,
      clock,
      logger,
      config,
      exec: { open: async (...wanted) => supervising(this.#exec).open(...wanted) },
      ports: { open: async (...wanted) => supervising(this.#ports).open(...wanted) },
      diffs: this.#diffs,
      nodeName: () => this.#nodeName,
    });
    const auditor = new Auditor({ logs: auditLogs(dataDir, config.current), clock, logger });
    this.#cleanup.add(() => auditor.close());
    store.onCommit = () => auditor.storeCommits();
    const clientOf = (user: Identity): Client =>
      auditor.clientOf(user, new LocalClient({ registry, authorizer }, user));
    const hooks = new GitHooks(clientOf(controllerIdentity("git-source")));
    const metrics = new DaemonMetrics({ runtime, store, clock });
    const backups = new BackupMaker({ dataDir, config: this.#options.config, store, ring, clock });
    const door = await localDoor(dataDir, logger);
    const server = new ApiServer({
      ...(door ? { door } : {}),
      registry,
      secretKeys: rotation,
      backup: () => backups.make(),
      tokenKeys: () => tokens.publicKeys,
      kubeconfig: (wanted) => {
        logger.info("a client certificate is issued", { ...wanted });
        return credentials.kubeconfigFor(wanted);
      },
      certificates: () => credentials.ensure(),
      authenticator: new CredentialAuthenticator(clock, new Map(), tokens),
      authorizer,
      auditor,
      hooks,
      logger: logger.child({ room: "apiserver" }),
      clock,
      health: () => daemonHealth({ store: store.health, manager: this.#manager, isStopping: this.#shutdown.asked }),
      metrics: () => metrics.source(),
      version: wctlVersion,
    });
    const opened = async (url: string): Promise<void> => {
      this.#opened(url, await credentials.writeKubeconfig({ url, door: await server.openDoor() }));
    };
    const listener = new ApiListener({
      listen,
      open: () => server.listen(listen.host, listen.port),
      holder: portHolderOf(runtime),
      opened,
      shut: (why) => this.#shut(why),
      clock,
      logger,
    });
    this.#cleanup.add(() => server.close());
    this.#cleanup.add(() => listener.close());
    const api = await listener.open().catch((error: Error) => error);
    // The daemon has nothing to supervise, so it need not wait: the user reads at once why it ends.
    if (api instanceof Error && !this.#host && !(await this.#hasWork(registry))) throw api;

    if (store.health.ok) {
      await this.#supervise({ dataDir, store, openedAt, runtime, registry, clientOf, hooks, metrics, config, trust });
    } else {
      // Workloads are left alone; what is stored can be read; writes are refused with the same words (P12).
      stderr.write(`warning: degraded: ${store.health.message}\n`);
    }
    if (api instanceof Error) listener.keepTrying(api);
    else await opened(api);
  }

  /** Resolves when the controllers have begun: what is stored is from now on what shall run. */
  async #supervise(parts: Supervised): Promise<void> {
    const { dataDir, store, openedAt, runtime, registry, clientOf, config } = parts;
    const storeSessions = beginSession(join(dataDir, "store-sessions.json"), openedAt);
    const { items } = await registry.list(nodes, {});
    const nodeName = nodeNameOf(dataDir, () => items.map(({ metadata }) => metadata.name));
    this.#nodeName = nodeName;
    const machine = await machineIdentity();
    const facts = (): NodeFacts => nodeFacts(runtime.name, machine);
    const asNode = clientOf(nodeIdentity(nodeName));
    const runningTime = new RunningTime(clock, await ranBefore(asNode, nodeName));
    const node = registerNode(asNode, nodeName, facts(), clock);
    node.catch(() => {}); // awaited with the controllers
    await registry.bootstrap();
    const { manager, agent, exec, ports } = createManager(
      {
        clientOf,
        runtime,
        config,
        metrics: parts.metrics,
        logger: this.#log.logger,
        clock,
        runningTime,
        nodeName,
        nodeFacts: facts,
        node,
        manifests: this.#options.manifests,
        trust: parts.trust,
        isStoreHealthy: () => store.health.ok,
        portFile: new PortFile(join(dataDir, "ports.jsonl")),
        storeSessions,
        digests: new ContentDigests(readRunKey(dataDir)),
        gitFolder: join(dataDir, "git"),
        hooks: parts.hooks,
        diffs: this.#diffs,
        seal: new DataSeal(readRunKey(dataDir), await keyProtection()),
        host: this.#host,
      },
      this.#cleanup,
    );
    this.#manager = manager;
    this.#agent = agent;
    this.#exec = exec;
    this.#ports = ports;
    await Promise.all([node, manager.start(new AbortController().signal)]);
  }

  /** From now on it reacts to signals, to the host, and to unhandled errors. */
  #hear(config: ConfigFile): void {
    const onError = (message: string, fields: { error: string }): void => this.#lastWords(message, fields);
    this.#cleanup.add(listenForUnhandled({ clock, say: onError, flush: () => this.#log.flush() }));
    this.#cleanup.add(giveBackMemory(clock));
    const stopKeeping = (): void => {
      this.#keepsWorkloads = true;
      this.#shutdown.request();
    };
    this.#cleanup.add(
      listenForSignals({ stop: () => this.#shutdown.request(), stopKeeping, reload: () => config.reload() }),
    );
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
  }

  /** Who chose the range reads it at once, everybody else in the log. */
  #tellOfPorts(config: DaemonConfig, outgoing: OutgoingPorts | undefined): void {
    const problem = portRangeProblem(config, outgoing);
    if (problem === undefined) return;
    this.#log.logger.warn(problem);
    if (config.ports?.range !== undefined) stderr.write(`warning: ${problem}\n`);
  }

  async #openStore(config: DaemonConfig): Promise<Awaited<ReturnType<typeof openStore>>> {
    const opened = await openStore({
      dataDir: this.#options.dataDir,
      journal: this.#journal,
      protection: await keyProtection(),
      logger: this.#log.logger,
      clock,
      history: historyBudget(config),
    });
    this.#own(opened.store);
    return opened;
  }

  #openLog(config: ConfigFile): Promise<void> {
    const { dataDir, logLevel } = this.#options;
    return this.#log.open(join(dataDir, "wctld.log"), logLevel, config);
  }

  #own<T extends { close(): Promise<void> }>(opened: T): T {
    this.#cleanup.add(() => opened.close());
    return opened;
  }

  async #hasWork(registry: StoreRegistry): Promise<boolean> {
    if (this.#options.manifests !== undefined) return true;
    const lists = await Promise.all([processes, instances].map((resource) => registry.list(resource, { limit: 1 })));
    return lists.some(({ items }) => items.length > 0);
  }

  #opened(url: string, kubeconfig: string): void {
    stdout.write(`wctld ready ${url} kubeconfig=${kubeconfig}\n`);
    this.#log.logger.info("wctld ready", { url });
    daemonNotes.forget(this.#options.dataDir);
    this.#host?.apiOpen();
  }

  #shut(why: string): void {
    stderr.write(`warning: ${why}; workloads are supervised without the API, which is tried again\n`);
    daemonNotes.write(this.#options.dataDir, { state: "ApiShut", reason: "ApiShut", message: why }, clock);
    this.#host?.apiShut(why);
  }

  /** Resolves with the exit code when the daemon was asked to stop and has stopped its workloads. */
  async run(): Promise<number> {
    this.#shutdown.started();
    await this.#shutdown.stop;
    this.#host?.stopping();
    if (this.#keepsWorkloads || !this.#agent) return 0;
    const parts = { agent: this.#agent, shutdown: this.#shutdown, logger: this.#log.logger };
    return stopWorkloads({ ...parts, budgetMs: this.#budgetMs() });
  }

  /** The shorter of what the host gives and what the configuration says; undefined: the agent decides. */
  #budgetMs(): number | undefined {
    const seconds = this.#config?.current.shutdownSeconds;
    const given = [this.#withinMs, seconds === undefined ? undefined : seconds * 1000].filter((ms) => ms !== undefined);
    return given.length === 0 ? undefined : Math.min(...given);
  }

  /** In reverse order of opening, within 20 s. */
  async close(): Promise<void> {
    this.#log.logger.info("wctld ending");
    this.#shutdown.closing();
    await this.#cleanup.run();
    this.#shutdown.closed();
  }

  #leave(why: string): void {
    this.#log.logger.error("ending at once", { why });
    stderr.write(`error: ${why}: ending at once\n`);
    endProcess({ clock, flush: () => this.#log.flush() });
  }

  #lastWords(message: string, fields: { error: string }): void {
    this.#log.logger.error(message, fields);
    stderr.write(`error: ${message}: ${fields.error}\n`);
    this.#host?.failed(`${message}; wctld.log has it`); // Not the error itself: anybody may read the event log.
  }
}

function auditLogs(dataDir: string, { retention = {} }: DaemonConfig): AuditLogs {
  const { auditLogBytes: maxBytes = 10 * 1024 * 1024, auditLogFiles: maxFiles = 10 } = retention;
  const log = (name: string) => new FileAuditLog({ folder: join(dataDir, "audit"), name, maxBytes, maxFiles });
  return { changes: log("audit"), reads: log("reads"), refusals: log("refused"), parts: log("parts") };
}

function supervising<T>(part: T | undefined): T {
  if (part) return part;
  throw new StatusError("ServiceUnavailable", "the daemon supervises nothing yet: it is starting, or it is degraded");
}
