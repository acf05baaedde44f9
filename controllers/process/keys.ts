import { contentKey, contentKeysOf } from "../../api/content/content-references.ts";
import { controllerOf, type Key, type KubeObject, keyOf, makeKey, type Stored } from "../../api/object.ts";
import { wellKnown } from "../../api/scheme.ts";
import type { ControllerRevision, Instance, Process } from "../../api/types.generated.ts";
import { sameJson } from "../../lib/same-json.ts";
import type { Controller } from "../../machinery/controller.ts";
import type { Informer, InformerEvent } from "../../machinery/informer.ts";
import type { Indexers, Lister } from "../../machinery/lister.ts";
import type { DigestedContent } from "./content/digests.ts";
import { STALLING_RULES } from "./dependencies/dependencies.ts";
import type { DependencyGraph } from "./dependencies/dependency-graph.ts";
import { keptKeysOf, keptKeysOfRecord } from "./history/kept-keys.ts";
import { COMING_MS } from "./status/interim.ts";

/** Indexers for the informers of what a Process owns: its Instances and its history. */
export const ownedIndexers = {
  /** By the uid of the controlling owner. */
  owner: (instance) => present(controllerOf(instance)?.uid),
  /** By namespace and value of the process label. */
  process: ({ metadata }) =>
    present(metadata.labels?.[wellKnown.processLabel]).map((name) => makeKey(metadata.namespace, name)),
} satisfies Indexers<KubeObject>;

/** Indexers for the informer of ControllerRevisions. */
export const recordIndexers = {
  ...ownedIndexers,
  /** By each kept copy of the content that the revision was made with. */
  kept: keptKeysOfRecord,
} satisfies Indexers<ControllerRevision>;

/** Indexers for the informer of Processes. */
export const processIndexers = {
  /** By the key of each Process it depends on. */
  dependency: ({ metadata, spec }) => (spec.dependsOn ?? []).map(({ name }) => makeKey(metadata.namespace, name)),
  /** By each ConfigMap and Secret whose content its copies are given. */
  content: contentKeysOf,
  /** By each kept copy of the content that its revision is made with. */
  kept: keptKeysOf,
} satisfies Indexers<Process>;

/** What the Process controller reads. */
export interface ProcessInformers {
  /** Made with `processIndexers`. */
  processes: Informer<Process>;
  /** Made with `ownedIndexers`. */
  instances: Informer<Instance>;
  /** Made with `recordIndexers`. */
  records: Informer<ControllerRevision>;
  /** ConfigMaps and Secrets, of which the caches keep digests. */
  contents: readonly Informer<DigestedContent>[];
  /** The dependencies among all Processes; `watchProcesses` keeps it up to date. */
  graph: DependencyGraph;
}

/** Turns every event that may change a decision into the keys of the Processes that it concerns. */
export function watchProcesses(
  controller: Controller,
  { processes, instances, records, contents, graph }: ProcessInformers,
): Controller {
  const { lister } = processes;
  for (const informer of contents) {
    controller.watch(
      informer,
      ({ type, object, previous }) => {
        if (previous && sameJson(object.digests, previous.digests)) return [];
        const key = contentKey(informer.resource.plural, keyOf(object));
        const keepers = type === "Deleted" ? lister.by("kept", key) : [];
        return [...lister.by("content", key), ...keepers].map(keyOf);
      },
      () => EDITS_MS,
    );
  }
  return (
    controller
      .watch(processes, (event) => {
        if (concerns(event)) return [keyOf(event.object), ...dependents(lister, graph, event)];
        // That a Process cannot start concerns those that depend on it, and nobody else.
        const isNews = event.type === "Changed" && stalledRuleOf(event.object) !== stalledRuleOf(event.previous);
        return isNews ? lister.by("dependency", keyOf(event.object)).map(keyOf) : [];
      })
      .watch(
        instances,
        (event) => {
          const keys = processKeysOf(event.object);
          return [...keys, ...keys.flatMap((key) => lister.by("dependency", key).map(keyOf))];
        },
        (key, event) => (isSilent(event) ? COMING_MS : crowdDelayMs(lister.get(key))),
      )
      // Only this controller writes them, and it knows what it wrote.
      .watch(records, ({ type, object }) => (type === "Deleted" ? processKeysOf(object) : []))
  );
}

/** Whoever created it knows of it, and the agent tells soon how it is. */
const isSilent = ({ type, object }: InformerEvent<Instance>): boolean =>
  type === "Added" && object.status?.phase === undefined;

/** Edits within it count as one. */
const EDITS_MS = 100;

/** A reconcile takes time in proportion to the replicas. If each of a thousand that start caused one, the start would take time in proportion to the square. */
const crowdDelayMs = (process: Stored<Process> | undefined): number => Math.floor((process?.spec.replicas ?? 1) / 50);

/** False for a change of status alone: this controller wrote it. */
function concerns(event: InformerEvent<Process>): boolean {
  if (event.type !== "Changed") return true;
  const told = ({ metadata }: Stored<Process>): unknown => [
    metadata.generation,
    metadata.deletionTimestamp,
    metadata.labels,
    metadata.annotations?.[wellKnown.changeCauseAnnotation],
    metadata.uid,
  ];
  return !sameJson(told(event.object), told(event.previous));
}

/** Who depends on it directly, and who entered or left a cycle because of it. */
function dependents(lister: Lister<Process>, graph: DependencyGraph, { type, object }: InformerEvent<Process>): Key[] {
  const { namespace } = object.metadata;
  const all = type === "Deleted" ? [] : (object.spec.dependsOn ?? []).map(({ name }) => makeKey(namespace, name));
  const turned = graph.set(keyOf(object), all);
  return [...lister.by("dependency", keyOf(object)).map(keyOf), ...turned];
}

/** The rule by which it waits for a person; undefined when it does not. */
const stalledRuleOf = ({ metadata, status }: Stored<Process>): unknown => {
  const { rule = "" } = status?.decision ?? {};
  return STALLING_RULES.has(rule) && status?.observedGeneration === metadata.generation ? rule : undefined;
};

/** The Process that owns it, or would own it by its name. */
function processKeysOf(owned: Stored<Instance | ControllerRevision>): Key[] {
  const { metadata } = owned;
  const owner = metadata.ownerReferences?.find((reference) => reference.controller && reference.kind === "Process");
  const names = new Set([...present(owner?.name), ...present("spec" in owned ? owned.spec.processName : undefined)]);
  return Array.from(names, (name) => makeKey(metadata.namespace, name));
}

const present = (value: string | undefined): string[] => (value === undefined ? [] : [value]);
