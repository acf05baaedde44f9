import type { Stored } from "../../../api/object.ts";
import { configMaps, controllerRevisions, instances, processes, type Resource, secrets } from "../../../api/scheme.ts";
import type { ConfigMap, Secret } from "../../../api/types.generated.ts";
import { KeptContentCollector, watchKeptContent } from "../../../controllers/process/content/collector.ts";
import { ContentDigests, type DigestedContent } from "../../../controllers/process/content/digests.ts";
import { ContentKeeper } from "../../../controllers/process/content/keeper.ts";
import { KeptCopies } from "../../../controllers/process/content/kept-copies.ts";
import { DependencyGraph } from "../../../controllers/process/dependencies/dependency-graph.ts";
import { History } from "../../../controllers/process/history/history.ts";
import { ownedIndexers, processIndexers, recordIndexers, watchProcesses } from "../../../controllers/process/keys.ts";
import { ProcessReconciler } from "../../../controllers/process/reconciler.ts";
import { RunningTime } from "../../../lib/running-time.ts";
import type { Informer } from "../../../machinery/informer.ts";
import type { Cluster } from "../../machinery/cluster.ts";

/** The Process controller as the daemon puts it together. */
export function processController(cluster: Cluster) {
  const digests = new ContentDigests(Buffer.alloc(32, "k"));
  const keep = (object: Stored): Stored => digests.of(object as Stored<ConfigMap | Secret>);
  const digested = (resource: unknown) =>
    cluster.informer(resource as Resource, {}, keep) as unknown as Informer<DigestedContent>;
  const contents = [digested(configMaps), digested(secrets)] as const;
  const informers = {
    processes: cluster.informer(processes, processIndexers),
    instances: cluster.informer(instances, ownedIndexers),
    contents,
    records: cluster.informer(controllerRevisions, recordIndexers),
    graph: new DependencyGraph(),
  };
  const { recorder, clock } = cluster;
  const client = cluster.as("process");
  const content = { configmaps: contents[0].lister, secrets: contents[1].lister, keyName: digests.keyName };
  const runningTime = new RunningTime(clock);
  const { processes: seen, records } = informers;
  const history = new History({ client, records, clock });
  const copies = new KeptCopies({ client, digests, contents, clock });
  const keeper = new ContentKeeper({ copies, digests });
  const reconciler = new ProcessReconciler({
    client,
    ...informers,
    content,
    keeper,
    copies,
    history,
    recorder,
    clock,
    runningTime,
    nodeName: "pc1",
  });
  const collecting = { client: cluster.as("kept-content"), copies, keeper, history, processes: seen };
  watchKeptContent(cluster.controller("kept-content", new KeptContentCollector(collecting)), informers);
  return { controller: watchProcesses(cluster.controller("process", reconciler), informers), informers };
}
