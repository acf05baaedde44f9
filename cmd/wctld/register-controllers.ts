import { once } from "node:events";
import type { Client } from "../../api/client.ts";
import type { Key, Stored } from "../../api/object.ts";
import {
  clusterRoles,
  configMaps,
  controllerRevisions,
  events,
  gitSources,
  instances as instanceResource,
  leases,
  namespaces,
  nodes,
  processes as processResource,
  type Resource,
  scheme,
  secrets,
  serviceAccounts,
} from "../../api/scheme.ts";
import type { ConfigMap, DaemonConfig, Node, Secret } from "../../api/types.generated.ts";
import {
  controllerIdentity,
  type Identity,
  instanceGarbageCollector,
  nodeIdentity,
  serviceAccountIdentity,
  sourceIdentity,
} from "../../apiserver/authentication/identity.ts";
import type { ControllerName } from "../../apiserver/authorization/bootstrap-roles.ts";
import { ClusterRoleAggregation, watchClusterRoles } from "../../controllers/clusterrole-aggregation/reconciler.ts";
import { defaultRetention, EventRetention, type Retention } from "../../controllers/event-retention/event-retention.ts";
import { Graph, graphIndexers } from "../../controllers/garbage-collector/graph.ts";
import { watchGraph } from "../../controllers/garbage-collector/keys.ts";
import { GarbageCollector } from "../../controllers/garbage-collector/reconciler.ts";
import { SourceDiffs } from "../../controllers/git-source/diff/source-diffs.ts";
import { gitSourceIndexers } from "../../controllers/git-source/keys.ts";
import {
  type GitSourceOptions,
  GitSourceReconciler,
  watchGitSources,
} from "../../controllers/git-source/reconciler.ts";
import { Agent } from "../../controllers/instance/agent.ts";
import { followRetention } from "../../controllers/instance/homes/follow-retention.ts";
import type { StoreSessions } from "../../controllers/instance/homes/store-sessions.ts";
import type { Seal } from "../../controllers/instance/launch/seal.ts";
import { NodeHeartbeat } from "../../controllers/instance/node/node-heartbeat.ts";
import type { NodeFacts } from "../../controllers/instance/node/node-registration.ts";
import type { PortFile } from "../../controllers/instance/ports/port-file.ts";
import { portRange } from "../../controllers/instance/ports/port-numbers.ts";
import { NamespaceReconciler, watchNamespaces } from "../../controllers/namespace/reconciler.ts";
import { NodeLifecycle, watchNodes } from "../../controllers/node-lifecycle/reconciler.ts";
import { KeptContentCollector, watchKeptContent } from "../../controllers/process/content/collector.ts";
import type { ContentDigests, DigestedContent } from "../../controllers/process/content/digests.ts";
import { ContentKeeper } from "../../controllers/process/content/keeper.ts";
import { KeptCopies } from "../../controllers/process/content/kept-copies.ts";
import { DependencyGraph } from "../../controllers/process/dependencies/dependency-graph.ts";
import { History } from "../../controllers/process/history/history.ts";
import { ownedIndexers, processIndexers, recordIndexers, watchProcesses } from "../../controllers/process/keys.ts";
import { ProcessReconciler } from "../../controllers/process/reconciler.ts";
import { ServiceAccountReconciler, watchServiceAccounts } from "../../controllers/service-account/reconciler.ts";
import { GitThread, gitThreads } from "../../git/repository/git-thread.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { PathTrust } from "../../lib/path-trust.ts";
import type { RunningTime } from "../../lib/running-time.ts";
import { Controller } from "../../machinery/controller.ts";
import type { EventRecorder } from "../../machinery/event-recorder.ts";
import type { Manager, Runnable } from "../../machinery/manager.ts";
import { type Keep, SharedInformers } from "../../machinery/shared-informers.ts";
import type { Prober } from "../../runtime/probes/prober.ts";
import type { Runtime, StopSignal } from "../../runtime/runtime.ts";
import type { ConfigFile } from "./config/config-file.ts";
import type { DaemonMetrics } from "./metrics/daemon-metrics.ts";
import type { GitDiffs } from "./serving/git-diffs.ts";
import type { GitHooks } from "./serving/git-hooks.ts";

export interface ControllerOptions {
  /** A Client in this name. */
  clientOf: (user: Identity) => Client;
  runtime: Runtime;
  prober: Prober;
  config: ConfigFile;
  metrics: DaemonMetrics;
  logger: Logger;
  recorder: EventRecorder;
  clock: Clock;
  runningTime: RunningTime;
  nodeName: string;
  nodeFacts: () => NodeFacts;
  /** Being registered. */
  node: Promise<Stored<Node>>;
  /** The folder of `--manifests`. */
  manifests: string | undefined;
  /** Judges who may write to the folder of manifests. */
  trust: PathTrust;
  stopSignal: StopSignal;
  isStoreHealthy: () => boolean;
  portFile: PortFile;
  storeSessions: StoreSessions;
  digests: ContentDigests;
  seal: Seal;
  /** Where local copies of repositories lie. */
  gitFolder: string;
  hooks: Pick<GitHooks, "answeredBy">;
  diffs: Pick<GitDiffs, "answeredBy">;
}

/** Milliseconds in which every informer tells its listeners of every Object again, in case an event was lost. */
const RESYNC_MS = 10 * 60_000;

/** Hands every controller to the manager. They know the API only through the Client. */
export function registerControllers(manager: Manager, options: ControllerOptions): Agent {
  const client = clientFor(options, "shared-informers");
  // Controllers need of these only who owns whom and whether a value is another; the agent reads those that its Instances name.
  const digested: Keep = (object) => options.digests.of(object as Stored<ConfigMap | Secret>);
  const kept = new Map(([secrets, configMaps] as unknown as Resource[]).map((resource) => [resource, digested]));
  const sharing = { client, resyncMs: RESYNC_MS, random: Math.random, kept };
  const informers = new SharedInformers(manager, { ...options, ...sharing });
  registerProcessController(manager, informers, options);
  registerCollectors(manager, informers, options);
  registerNodeLifecycle(manager, informers, options);
  registerServiceAccounts(manager, informers, options);
  registerRoleAggregation(manager, informers, options);
  registerGitSources(manager, informers, options);
  if (options.manifests !== undefined) manager.add(manifestsFolder(options, options.manifests));
  manager.add(eventRetention(options));
  followRetention(informers.of(processResource), options.runtime.homes);
  return registerAgent(manager, options);
}

/** Each part asks the API in its own name. */
const clientFor = ({ clientOf }: ControllerOptions, controller: ControllerName): Client =>
  clientOf(controllerIdentity(controller));

function registerProcessController(manager: Manager, shared: SharedInformers, options: ControllerOptions): void {
  const { clock, runningTime, logger, recorder, metrics, nodeName, config } = options;
  const processes = shared.of(processResource, processIndexers);
  const instances = shared.of(instanceResource, ownedIndexers);
  const records = shared.of(controllerRevisions, recordIndexers);
  const contents = ([configMaps, secrets] as unknown as Resource<DigestedContent>[]).map((one) => shared.of(one));
  metrics.observeProcesses(() => processes.lister.list());
  const graph = new DependencyGraph();
  const client = clientFor(options, "process");
  const history = new History({ client, records, clock });
  const copies = new KeptCopies({ client, digests: options.digests, contents, clock });
  const keeper = new ContentKeeper({ copies, digests: options.digests });
  const reconciler = new ProcessReconciler({
    client,
    processes,
    instances,
    records,
    contents,
    history,
    keeper,
    copies,
    content: { configmaps: contents[0]!.lister, secrets: contents[1]!.lister, keyName: options.digests.keyName },
    graph,
    recorder,
    clock,
    runningTime,
    nodeName,
  });
  const concurrency = processWorkers(config.current);
  const isFailing = (key: Key): boolean => reconciler.isCrashLooping(key);
  const controller = new Controller({ name: "process", reconciler, clock, logger, concurrency, isFailing, metrics });
  config.on((next) => controller.setConcurrency(processWorkers(next)));
  manager.addController(watchProcesses(controller, { processes, instances, records, contents, graph }));
  const caches = { processes, records, contents };
  const collector = new KeptContentCollector({
    client: clientFor(options, "kept-content"),
    copies,
    keeper,
    history,
    processes,
  });
  const collecting = new Controller({ name: "kept-content", reconciler: collector, clock, logger, metrics });
  manager.addController(watchKeptContent(collecting, caches));
}

/** What deletes after others: dependents after their owners, contents with their namespace. */
function registerCollectors(manager: Manager, shared: SharedInformers, options: ControllerOptions): void {
  const { clock, logger, metrics } = options;
  // Events have no owners, and no deletion waits for them.
  const resources = scheme.filter((resource) => resource.plural !== events.plural);
  const informers = resources.map((resource) => shared.of(resource, graphIndexers));
  const graph = new Graph(informers);
  const collector = new GarbageCollector({ client: clientFor(options, "garbage-collector"), graph });
  const garbage = new Controller({
    name: "garbage-collector",
    reconciler: collector,
    clock,
    logger,
    concurrency: 64,
    metrics,
  });
  manager.addController(watchGraph(garbage, graph));

  const own = shared.of(namespaces);
  const client = clientFor(options, "namespace");
  const emptier = new NamespaceReconciler({ client, clock, namespaces: own.lister, resources: scheme });
  const controller = new Controller({ name: "namespace", reconciler: emptier, clock, logger, metrics });
  manager.addController(watchNamespaces(controller, own, informers));
}

function registerRoleAggregation(manager: Manager, shared: SharedInformers, options: ControllerOptions): void {
  const { clock, logger, metrics } = options;
  const roles = shared.of(clusterRoles);
  const client = clientFor(options, "clusterrole-aggregation");
  const reconciler = new ClusterRoleAggregation({ client, roles: roles.lister });
  const controller = new Controller({ name: "clusterrole-aggregation", reconciler, clock, logger, metrics });
  manager.addController(watchClusterRoles(controller, roles));
}

/** Repositories that are read at once: mostly they wait for a server. */
const GIT_THREADS = 8;
const GIT_THREADS_OF_A_NAMESPACE = 4;

function registerGitSources(manager: Manager, shared: SharedInformers, options: ControllerOptions): void {
  const { clientOf, clock, logger, metrics } = options;
  const sources = shared.of(gitSources, gitSourceIndexers);
  const threads = gitThreads(clock, GIT_THREADS, GIT_THREADS_OF_A_NAMESPACE);
  const parts: GitSourceOptions = {
    ...options,
    client: clientFor(options, "git-source"),
    writerOf: ({ metadata: { namespace = "default", name }, spec: { serviceAccountName: account } }) =>
      clientOf(account === undefined ? sourceIdentity(namespace, name) : serviceAccountIdentity(namespace, account)),
    sources: sources.lister,
    folder: options.gitFolder,
    openGit: (folder, namespace) => new GitThread(folder, clock, threads, namespace),
    resources: scheme,
    random: Math.random,
  };
  const reconciler = new GitSourceReconciler(parts);
  const diffs = new SourceDiffs({ ...parts, isKnown: (key, identity) => reconciler.isKnown(key, identity) });
  options.diffs.answeredBy(diffs);
  options.hooks.answeredBy((key) => reconciler.look(key));
  const controller = new Controller({ name: "git-source", reconciler, clock, logger, metrics });
  manager.addController(watchGitSources(controller, sources));
  manager.add({
    name: "git sources",
    async start(signal) {
      await reconciler.sweep().catch((error: unknown) => {
        logger.warn("local copies of repositories that are gone stay on the disk", { error: String(error) });
      });
      if (!signal.aborted) await once(signal, "abort");
      await Promise.all([reconciler.close(), diffs.close()]);
      threads.close();
    },
  });
}

/** Loaded only when there is a folder to watch. */
const manifestsFolder = (options: ControllerOptions, directory: string): Runnable => ({
  name: "directory source",
  async start(signal) {
    const { directorySource } = await import("../../controllers/directory-source/directory-source.ts");
    const client = clientFor(options, "directory-source");
    await directorySource({ ...options, client, directory, resources: scheme }).start(signal);
  },
});

const eventRetention = (options: ControllerOptions): Runnable =>
  new EventRetention({
    ...options,
    client: clientFor(options, "event-retention"),
    retention: () => retentionOf(options.config.current),
  });

const retentionOf = ({ retention }: DaemonConfig): Retention => ({
  maxAgeMs: retention?.eventsSeconds === undefined ? defaultRetention.maxAgeMs : retention.eventsSeconds * 1000,
  maxPerNamespace: retention?.eventsPerNamespace ?? defaultRetention.maxPerNamespace,
});

/** Notices that a node does not renew its Lease any more. */
function registerNodeLifecycle(manager: Manager, shared: SharedInformers, options: ControllerOptions): void {
  const { clock, logger, metrics } = options;
  const [own, held] = [shared.of(nodes), shared.of(leases)];
  const client = clientFor(options, "node-lifecycle");
  const reconciler = new NodeLifecycle({ client, nodes: own.lister, leases: held.lister, clock });
  const controller = new Controller({ name: "node-lifecycle", reconciler, clock, logger, concurrency: 1, metrics });
  manager.addController(watchNodes(controller, own, held));
}

/** Each namespace has the account `default`. */
function registerServiceAccounts(manager: Manager, shared: SharedInformers, options: ControllerOptions): void {
  const { clock, logger, metrics } = options;
  const [own, accounts] = [shared.of(namespaces), shared.of(serviceAccounts)];
  const client = clientFor(options, "service-account");
  const reconciler = new ServiceAccountReconciler({ client, namespaces: own.lister, accounts: accounts.lister });
  const controller = new Controller({ name: "service-account", reconciler, clock, logger, metrics });
  manager.addController(watchServiceAccounts(controller, own, accounts));
}

function registerAgent(manager: Manager, options: ControllerOptions): Agent {
  const { config, stopSignal, metrics } = options;
  const client = options.clientOf(nodeIdentity(options.nodeName));
  const agent = new Agent({
    ...options,
    client,
    instanceCollector: options.clientOf(instanceGarbageCollector),
    homeCollector: clientFor(options, "home-collector"),
    resyncMs: RESYNC_MS,
    random: Math.random,
    portRange: () => portRange(config.current.ports?.range),
    concurrency: instanceWorkers(config.current),
    defaults: () => {
      const { defaults, allowPrivileged } = config.current;
      return { stopSignal, runAs: defaults?.runAs, allowPrivileged, limits: defaults?.resources?.limits };
    },
  });
  agent.register(manager);
  manager.add(new NodeHeartbeat({ ...options, client, random: Math.random }));
  metrics.observeAgent(agent);
  config.on((next) => agent.setConcurrency(instanceWorkers(next)));
  return agent;
}

/** Most of a reconcile is waiting for the store, so there may be many at once. */
const processWorkers = ({ concurrency }: DaemonConfig): number => concurrency?.processes ?? 64;
const instanceWorkers = ({ concurrency }: DaemonConfig): number => concurrency?.instances ?? 128;
