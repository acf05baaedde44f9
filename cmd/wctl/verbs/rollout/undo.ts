import type { Client, WriteOptions } from "../../../../api/client.ts";
import type { Stored } from "../../../../api/object.ts";
import { withTemplate } from "../../../../api/process-template.ts";
import { configMaps, controllerRevisions, processes, secrets, wellKnown } from "../../../../api/scheme.ts";
import type { Process } from "../../../../api/types.generated.ts";
import { enumerate } from "../../../../lib/wording.ts";
import { command } from "../../command/command.ts";
import { dryRun, fieldManager, selector } from "../../command/common-options.ts";
import { processesOnly } from "../../command/takes.ts";
import { Failure } from "../../errors/failure.ts";
import { line } from "../../output/output.ts";
import { hasTemplateOf, isCurrent, previousOf, type Revision, revisionsOf } from "../../rollout/revisions.ts";
import { dryRunSuffix } from "../../text/messages.ts";
import { objectName } from "../../text/name.ts";
import { plain } from "../../text/plain.ts";
import { chosenProcesses } from "./chosen-processes.ts";
import type { PutBack } from "./put-back.ts";
import { templateLines } from "./template-lines.ts";
import { contentToPutBack, othersReferringTo, placeKey, writeBack } from "./undo-content.ts";

export const rolloutUndo = command({
  name: "rollout undo",
  summary: "Go back to what a process was before.",
  description:
    "The template of the revision replaces that of the process, and the keys of ConfigMaps and Secrets that were others then are put back; both roll out like any other change. The number of replicas and the strategy stay. Before the first write the server has judged all of them. When the process is changed at the same moment, by another undo too, one of the two is refused.",
  usage: ["rollout undo process/NAME... [flags]", "rollout undo -l SELECTOR [flags]"],
  examples: [
    { what: "Go back to what the process web was before the last change", line: "wctl rollout undo process/web" },
    { what: "Go back to revision 3", line: "wctl rollout undo process/web --to-revision=3" },
    { what: "Show what it would go back to", line: "wctl rollout undo process/web --dry-run" },
  ],
  takes: processesOnly,
  options: [
    selector,
    {
      name: "to-revision",
      type: "integer",
      placeholder: "NUMBER",
      default: 0,
      description: "The revision to go back to, as rollout history shows it; 0: the one before.",
    },
    fieldManager,
    dryRun,
  ],
  async run(args, flags, context) {
    const found = await chosenProcesses(args, flags.selector, { verb: "rollout undo", context });
    const { client, namespace } = await context.session.open();
    const { items: records } = await client.list(controllerRevisions, { namespace });
    for (const process of found) {
      const name = objectName(processes, process.metadata.name);
      const revision = goalOf(process, revisionsOf(process, records), flags["to-revision"]);
      if (isCurrent(process, revision)) {
        await line(
          context.out,
          `${name} skipped rollback (current template already matches revision ${revision.number})`,
        );
        continue;
      }
      const contents = await contentToPutBack(client, process, revision);
      if (hasTemplateOf(process, revision) && contents.length === 0) {
        await line(context.out, whyNothing(process, revision));
        continue;
      }
      const options = { dryRun: true, fieldManager: flags["field-manager"] ?? "wctl-rollout" };
      const steps = await stepsOf(client, process, revision, contents);
      // The server judges all of it before the first write.
      if (flags["dry-run"] === "server" || contents.length > 0) for (const { write } of steps) await write(options);
      for (const { write, said } of steps) {
        if (flags["dry-run"] === "none") await write({ ...options, dryRun: false });
        await line(context.out, `${said}${dryRunSuffix(flags["dry-run"])}`);
      }
      if (flags["dry-run"] === "none") continue;
      for (const one of templateLines(revision)) await line(context.out, one);
    }
    return 0;
  },
});

function goalOf(process: Stored<Process>, revisions: readonly Revision[], wanted: number): Revision {
  const { name } = process.metadata;
  if (process.spec.paused) {
    const hint = `Resume it first with 'wctl rollout resume process/${name}' and try again.`;
    throw new Failure(`process "${name}" is paused and cannot be rolled back`, { hint });
  }
  const goal = wanted === 0 ? previousOf(process, revisions) : revisions.find((revision) => revision.number === wanted);
  if (goal) return goal;
  if (wanted === 0) throw new Failure(`no rollout history found for process "${name}"`);
  throw new Failure(`unable to find the specified revision ${wanted} of process "${name}"`, {
    hint: `See 'wctl rollout history process/${name}'.`,
  });
}

interface Step {
  write: (options: WriteOptions) => Promise<unknown>;
  said: string;
}

/** The content first: the new template takes it in. */
async function stepsOf(
  client: Client,
  process: Stored<Process>,
  revision: Revision,
  contents: readonly PutBack[],
): Promise<Step[]> {
  const { metadata } = process;
  const others = contents.length > 0 ? await othersReferringTo(client, process) : new Map<string, string[]>();
  const steps = contents.map((change): Step => {
    const write = (options: WriteOptions) => writeBack(client, metadata, change, options);
    return { write, said: changeLine(change, others.get(placeKey(metadata, change)) ?? []) };
  });
  const said = `${objectName(processes, metadata.name)} rolled back`;
  const isSame = hasTemplateOf(process, revision);
  const write = async (options: WriteOptions) =>
    isSame ? undefined : client.update(processes, rolledBack(process, revision), options);
  return [...steps, { write, said }];
}

/** What differs in content alone and is put back already, or comes from a version that kept none. */
function whyNothing({ metadata: { name } }: Stored<Process>, { number, recorded }: Revision): string {
  if (recorded?.key !== undefined)
    return `${objectName(processes, name)} skipped rollback (the content is that of revision ${number} already; the copies follow when it has settled)`;
  throw new Failure(
    `revision ${number} of process "${name}" differs from the present one only in the content of ConfigMaps or Secrets, which the version of wctl that recorded it did not keep`,
    { hint: "Apply what was there before: the copies follow. --to-revision names another revision." },
  );
}

/** `configmap/web put back: LEVEL, PORT (process/other refers to it too)`; no value. */
function changeLine({ plural, name, keys, live }: PutBack, others: readonly string[]): string {
  const object = objectName(plural === "secrets" ? secrets : configMaps, name);
  const what = `${object} ${live ? "put back" : "created"}: ${plain(enumerate(keys))}`;
  if (others.length === 0) return what;
  const names = enumerate(others.map((other) => `process/${other}`));
  return `${what} (${names} ${others.length === 1 ? "refers" : "refer"} to it too)`;
}

/** With the resourceVersion that was read, so that it undoes what the user saw or nothing. */
function rolledBack(process: Stored<Process>, { template, changeCause }: Revision): Stored<Process> {
  const { [wellKnown.changeCauseAnnotation]: _, ...annotations } = process.metadata.annotations ?? {};
  if (changeCause !== undefined) annotations[wellKnown.changeCauseAnnotation] = changeCause;
  return {
    ...process,
    metadata: { ...process.metadata, annotations },
    spec: withTemplate(process.spec, template),
  };
}
