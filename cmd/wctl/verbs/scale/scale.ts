import type { HttpClient } from "../../../../api/http/http-client.ts";
import { makeKey, type Stored } from "../../../../api/object.ts";
import { hasSubresource } from "../../../../api/scheme.ts";
import type { Process } from "../../../../api/types.generated.ts";
import { command } from "../../command/command.ts";
import { dryRun, filename, recursive, selector, timeout } from "../../command/common-options.ts";
import { processesOnly } from "../../command/takes.ts";
import { Failure, usageFailure } from "../../errors/failure.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { type Found, findObjects } from "../../input/find-objects.ts";
import { line } from "../../output/output.ts";
import { waitForRollouts } from "../../rollout/wait-for-rollouts.ts";
import { dryRunSuffix } from "../../text/messages.ts";
import { objectName } from "../../text/name.ts";

export const scale = command({
  name: "scale",
  summary: "Change the number of replicas.",
  usage: ["scale --replicas=N (process/NAME... | TYPE -l SELECTOR | -f FILE) [flags]"],
  examples: [
    { what: "Run three copies of web", line: "wctl scale process/web --replicas=3" },
    { what: "Only when two are wanted now", line: "wctl scale process/web --current-replicas=2 --replicas=3" },
    { what: "Stop all processes with a label", line: "wctl scale processes -l tier=batch --replicas=0" },
    { what: "Scale and wait until the copies are available", line: "wctl scale process/web --replicas=3 --timeout=2m" },
  ],
  takes: processesOnly,
  options: [
    { name: "replicas", type: "integer", description: "The wanted number. Required." },
    { name: "current-replicas", type: "integer", description: "Refuse unless this many are wanted now." },
    {
      name: "resource-version",
      type: "string",
      placeholder: "VERSION",
      description: "Refuse unless the object has this version.",
    },
    selector,
    { name: "all", type: "boolean", description: "All objects of the type in the namespace." },
    filename,
    recursive,
    { ...timeout, description: "Wait until the copies are available, at most this long; 0 does not wait." },
    dryRun,
  ],
  async run(args, flags, context) {
    const { replicas } = flags;
    if (replicas === undefined || replicas < 0) {
      throw usageFailure(
        "scale",
        "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0",
      );
    }
    const { found, errors } = await findObjects(args, flags, context);
    if (found.length + errors.length === 0) throw new Failure("no objects passed to scale");
    const { client } = await context.session.open();
    for (const one of found) {
      refuseUnlessExpected(one, flags["current-replicas"], flags["resource-version"]);
      if (flags["dry-run"] !== "client") await writeReplicas(client, one, replicas, flags);
      await line(
        context.out,
        `${objectName(one.resource, one.object.metadata.name)} scaled${dryRunSuffix(flags["dry-run"])}`,
      );
    }
    if (flags.timeout > 0 && flags["dry-run"] === "none") {
      const keys = found.map(({ object }) => makeKey(object.metadata.namespace, object.metadata.name));
      await waitForRollouts(keys, flags.timeout, context, { quiet: true });
    }
    throwCollected(errors);
    return 0;
  },
});

function refuseUnlessExpected({ resource, object }: Found, current?: number, version?: string): void {
  if (!hasSubresource(resource, "scale"))
    throw new Failure(
      `cannot scale ${objectName(resource, object.metadata.name)}: ${resource.plural} have no replicas`,
    );
  const now = (object as Stored<Process>).spec.replicas ?? 1;
  if (current !== undefined && current !== -1 && current !== now) {
    throw new Failure(`Expected replicas to be ${current}, was ${now}`);
  }
  if (version !== undefined && version !== object.metadata.resourceVersion) {
    throw new Failure(`Expected resource version to be ${version}, was ${object.metadata.resourceVersion}`);
  }
}

/** With a precondition, the request names the version that was checked, so that a change in between is refused. */
async function writeReplicas(
  client: HttpClient,
  { resource, object }: Found,
  replicas: number,
  flags: { "current-replicas": number | undefined; "resource-version": string | undefined; "dry-run": string },
): Promise<void> {
  const guarded = flags["current-replicas"] !== undefined || flags["resource-version"] !== undefined;
  const { namespace, name, resourceVersion } = object.metadata;
  const body = { ...(guarded ? { metadata: { resourceVersion } } : {}), spec: { replicas } };
  const options = { subresource: "scale", dryRun: flags["dry-run"] === "server", fieldManager: "wctl-scale" } as const;
  await client.patch(resource, makeKey(namespace, name), { type: "merge", body }, options);
}
