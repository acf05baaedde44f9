import { controllerOf, makeKey } from "../../../../api/object.ts";
import { instances, processes } from "../../../../api/scheme.ts";
import type { Context } from "../../command/command.ts";
import { Failure } from "../../errors/failure.ts";
import { ownedSelector } from "../../input/owned.ts";
import { targetOf } from "../../input/pick-instances.ts";
import { type Selection, selectOne } from "../../watching/follow.ts";
import { copyFrom } from "./follow-plan.ts";

/** Whose output is followed. */
export interface FollowScope {
  instances: Selection;
  processes: Selection;
  /** Only copies of this Process, or only this Instance that no Process owns: its uid. */
  owner?: string;
  /** As long as their Process is there, copies may join and come back. */
  goesOn: boolean;
}

export async function followScope(
  args: readonly string[],
  selector: string | undefined,
  context: Context,
): Promise<FollowScope> {
  const { client, namespace } = await context.session.open();
  if (selector !== undefined) {
    if (args.length > 0) throw new Failure("only a selector (-l) or a name is allowed");
    const selected = { namespace, labelSelector: selector };
    return { instances: selected, processes: { namespace }, goesOn: true };
  }
  const { resource, name = "" } = await targetOf(args, context);
  if (resource === processes) {
    const process = await client.get(processes, makeKey(namespace, name));
    return {
      instances: { namespace, labelSelector: ownedSelector(process) },
      processes: selectOne(processes, namespace, name),
      owner: process.metadata.uid,
      goesOn: true,
    };
  }
  const instance = await client.get(instances, makeKey(namespace, name));
  return {
    instances: selectOne(instances, namespace, name),
    processes: selectOne(processes, namespace, controllerOf(instance)?.name ?? name),
    owner: copyFrom(instance).owner,
    goesOn: false,
  };
}
