import type { Resource } from "../scheme.ts";

/** Kinds that only the daemon makes. */
const MADE_BY_THE_DAEMON: ReadonlySet<string> = new Set(["instances", "nodes", "events", "controllerrevisions"]);

/** Those of them that a source of manifests may declare. */
export const declarable = (resources: readonly Resource[]): Resource[] =>
  resources.filter(({ plural }) => !MADE_BY_THE_DAEMON.has(plural));
