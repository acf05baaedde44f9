import { controllerRevisions, instances, processes } from "../../../api/scheme.ts";
import { DependencyGraph } from "../../../controllers/process/dependencies/dependency-graph.ts";
import { ownedIndexers, processIndexers, watchProcesses } from "../../../controllers/process/keys.ts";
import { ProcessReconciler } from "../../../controllers/process/reconciler.ts";
import type { Cluster } from "../../machinery/cluster.ts";

/** The Process controller as the daemon puts it together. */
export function processController(cluster: Cluster) {
  const informers = {
    processes: cluster.informer(processes, processIndexers),
    instances: cluster.informer(instances, ownedIndexers),
    records: cluster.informer(controllerRevisions, ownedIndexers),
    graph: new DependencyGraph(),
  };
  const { recorder, clock } = cluster;
  const client = cluster.as("process");
  const reconciler = new ProcessReconciler({ client, ...informers, recorder, clock, nodeName: "pc1" });
  return { controller: watchProcesses(cluster.controller("process", reconciler), informers), informers };
}
