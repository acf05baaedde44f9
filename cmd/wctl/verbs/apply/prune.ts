import { keyOf, type Stored } from "../../../../api/object.ts";
import { configMaps, processes, type Resource, secrets, wellKnown } from "../../../../api/scheme.ts";
import type { Context } from "../../command/command.ts";
import { Failure } from "../../errors/failure.ts";
import { line } from "../../output/output.ts";
import { dryRunSuffix } from "../../text/messages.ts";
import { objectName } from "../../text/name.ts";
import type { Applied } from "./apply-manifest.ts";

/** Kinds that people write; what controllers make is pruned with its owner. */
const PRUNABLE = [processes, configMaps, secrets] as unknown as readonly Resource[];

export interface PruneFlags {
  selector: string | undefined;
  all: boolean;
  "dry-run": string;
  output: string | undefined;
}

export function refuseUnboundedPrune({ selector, all }: Pick<PruneFlags, "selector" | "all">): void {
  if (selector && all) throw new Failure("cannot set --all and --selector at the same time");
  if (selector || all) return;
  throw new Failure(
    "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector",
  );
}

/** Deletes, in the namespaces that were applied to, what apply made before (its annotation says so) and the files have no more. */
export async function prune(applied: readonly Applied[], flags: PruneFlags, context: Context): Promise<void> {
  const { client } = await context.session.open();
  const kept = new Set(applied.map(({ resource, key }) => `${resource.plural}/${key}`));
  const namespaces = new Set(applied.flatMap(({ object }) => object.metadata.namespace ?? []));
  for (const resource of PRUNABLE) {
    for (const namespace of namespaces) {
      const selection = { namespace, ...(flags.selector ? { labelSelector: flags.selector } : {}) };
      const { items } = await client.list(resource, { ...selection, signal: context.signal });
      for (const object of items) {
        if (kept.has(`${resource.plural}/${keyOf(object)}`) || !wasApplied(object)) continue;
        await pruneOne(resource, object, flags, context);
      }
    }
  }
}

const wasApplied = ({ metadata }: Stored): boolean =>
  metadata.annotations?.[wellKnown.lastAppliedAnnotation] !== undefined && metadata.deletionTimestamp === undefined;

async function pruneOne(resource: Resource, object: Stored, flags: PruneFlags, context: Context): Promise<void> {
  const { client } = await context.session.open();
  if (flags["dry-run"] !== "client") {
    await client.delete(resource, keyOf(object), {
      propagation: "Background",
      preconditions: { uid: object.metadata.uid },
      dryRun: flags["dry-run"] === "server",
    });
  }
  const name = objectName(resource, object.metadata.name);
  if (flags.output === undefined) await line(context.out, `${name} pruned${dryRunSuffix(flags["dry-run"])}`);
  else if (flags.output === "name") await line(context.out, name);
}
