import { type Key, keyOf, makeKey, type Stored, splitKey } from "../../../../api/object.ts";
import type { Resource } from "../../../../api/scheme.ts";
import { type Context, command } from "../../command/command.ts";
import { allNamespaces, fieldSelector, filename, recursive, selector } from "../../command/common-options.ts";
import { anyObject } from "../../command/takes.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { type Finding, findObjects } from "../../input/find-objects.ts";
import { parseTargets, type Target } from "../../input/targets.ts";
import { Progress } from "../../output/progress.ts";
import { objectName } from "../../text/name.ts";
import { deadline } from "../../watching/deadline.ts";
import { follow, selectOne } from "../../watching/follow.ts";
import { parseWaitCondition, type WaitCondition, whyNever } from "./wait-condition.ts";
import { waitText } from "./wait-text.ts";

const A_WEEK = 7 * 24 * 3600;

export const wait = command({
  name: "wait",
  summary: "Wait for a condition.",
  description:
    "Exits with 0 when every named object meets the condition, with 1 when --timeout passes first, or when a process is stalled: then it can be ready or completed only after somebody has changed something.",
  usage: ["wait --for=CONDITION (TYPE/NAME... | TYPE -l SELECTOR | TYPE --all | -f FILE) [flags]"],
  examples: [
    { what: "Until web is ready", line: "wctl wait --for=condition=Ready process/web" },
    { what: "Until it is not ready any more", line: "wctl wait --for=condition=Ready=false process/web" },
    {
      what: "Until a job has ended well; Started is known too",
      line: "wctl wait --for=condition=Completed process/migrate --timeout=5m",
    },
    {
      what: "Until a field has a value",
      line: "wctl wait --for=jsonpath='{.status.phase}'=Running process/web --timeout=1m",
    },
    { what: "Until it is gone", line: "wctl wait --for=delete process/web" },
  ],
  takes: anyObject,
  options: [
    {
      name: "for",
      type: "string",
      placeholder: "CONDITION",
      description: "condition=TYPE[=STATUS], delete, create, or jsonpath='{PATH}'[=VALUE].",
    },
    {
      name: "timeout",
      type: "duration",
      default: 30,
      description: "Give up after this long; 0 looks once, negative waits a week.",
    },
    filename,
    recursive,
    selector,
    fieldSelector,
    { name: "all", type: "boolean", description: "All objects of the type in the namespace." },
    allNamespaces,
  ],
  async run(args, flags, context) {
    if (!flags.for) throw usageFailure("wait", "must specify --for");
    const condition = parseWaitCondition(flags.for);
    const kind = flags.for.toLowerCase();
    const { awaited, errors } = await awaitedObjects(args, flags, kind, context);
    if (awaited.length + errors.length === 0 && kind !== "delete") throw new Failure("no matching resources found");
    const seconds = flags.timeout < 0 ? A_WEEK : flags.timeout;
    const waitFor = (one: Awaited): Promise<unknown> =>
      untilMet(one, { condition, text: flags.for! }, seconds, context).catch((error) => errors.push(error));
    await Promise.all(awaited.map(waitFor));
    throwCollected(errors);
    return 0;
  },
});

interface Awaited {
  resource: Resource;
  key: Key;
  /** Absent while it is still to be created. */
  object?: Stored;
}

/** For `create` names are enough; for `delete` a missing object is what was wanted. */
async function awaitedObjects(
  args: readonly string[],
  finding: Finding,
  kind: string,
  context: Context,
): Promise<{ awaited: Awaited[]; errors: unknown[] }> {
  const { namespace } = await context.session.open();
  const targets = kind === "create" ? parseTargets(args) : [];
  if (targets.some(({ name }) => name !== undefined)) {
    const named = targets.filter((target) => target.name !== undefined);
    const keyFor = ({ resource, name }: Target): Key => makeKey(resource.namespaced ? namespace : undefined, name!);
    return { awaited: named.map((target) => ({ resource: target.resource, key: keyFor(target) })), errors: [] };
  }
  const { found, errors } = await findObjects(args, { ...finding, "ignore-not-found": kind === "delete" }, context);
  return { awaited: found.map(({ resource, object }) => ({ resource, object, key: keyOf(object) })), errors };
}

async function untilMet(
  one: Awaited,
  { condition, text }: { condition: WaitCondition; text: string },
  seconds: number,
  context: Context,
): Promise<void> {
  const { client } = await context.session.open();
  const { resource, key, object } = one;
  const { namespace = "", name } = splitKey(key);
  const progress = new Progress(context);
  const met = (): Promise<void> => progress.tell(`${objectName(resource, name)} condition met`);
  if (object && condition(object)) return met();
  const limit = deadline(context.clock, Math.max(seconds, 0.001), context.signal);
  try {
    const selection = selectOne(resource, namespace, name);
    for await (const present of follow(client, resource, selection, { signal: limit.signal, clock: context.clock })) {
      const now = present.get(key);
      progress.show(waitText(text, `${resource.singular}/${name}`, now));
      const same = object === undefined || now?.metadata.uid === object.metadata.uid;
      if (condition(same ? now : undefined)) {
        progress.clear();
        return met();
      }
      const never = whyNever(text, now);
      if (never !== undefined) throw new Failure(`${objectName(resource, name)} cannot meet the condition (${never})`);
    }
  } finally {
    progress.clear();
    limit.cancel();
  }
  throw new Failure(`timed out waiting for the condition on ${resource.plural}/${name}`);
}
