import type { Stored } from "../../../../api/object.ts";
import { withTemplate } from "../../../../api/process-template.ts";
import { controllerRevisions, processes, wellKnown } from "../../../../api/scheme.ts";
import type { Process } from "../../../../api/types.generated.ts";
import { command } from "../../command/command.ts";
import { dryRun, fieldManager, selector } from "../../command/common-options.ts";
import { Failure } from "../../errors/failure.ts";
import { line } from "../../output/output.ts";
import { hasTemplateOf, isCurrent, previousOf, type Revision, revisionsOf } from "../../rollout/revisions.ts";
import { dryRunSuffix } from "../../text/messages.ts";
import { objectName } from "../../text/name.ts";
import { chosenProcesses } from "./chosen-processes.ts";
import { templateLines } from "./template-lines.ts";

export const rolloutUndo = command({
  name: "rollout undo",
  summary: "Go back to a template that a process had before.",
  description:
    "The template of the revision replaces that of the process and rolls out like any other change; the number of replicas and the strategy stay. When the process is changed at the same moment, by another undo too, one of the two is refused.",
  usage: ["rollout undo process/NAME... [flags]", "rollout undo -l SELECTOR [flags]"],
  examples: [
    { what: "Go back to what the process web was before the last change", line: "wctl rollout undo process/web" },
    { what: "Go back to revision 3", line: "wctl rollout undo process/web --to-revision=3" },
    { what: "Show what it would go back to", line: "wctl rollout undo process/web --dry-run" },
  ],
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
      if (hasTemplateOf(process, revision)) throw onlyContent(process, revision);
      const options = { dryRun: flags["dry-run"] === "server", fieldManager: flags["field-manager"] ?? "wctl-rollout" };
      if (flags["dry-run"] !== "client") await client.update(processes, rolledBack(process, revision), options);
      await line(context.out, `${name} rolled back${dryRunSuffix(flags["dry-run"])}`);
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

/** The earlier content is not kept: a Secret would have to be kept in its plain form. */
function onlyContent({ metadata: { name }, status }: Stored<Process>, { number }: Revision): Failure {
  const changed = status?.content?.changed ?? "the content of its ConfigMaps and Secrets";
  return new Failure(
    `revision ${number} of process "${name}" differs from the present one only in the content of ConfigMaps or Secrets, which is not kept (${changed} changed)`,
    { hint: "Apply what was there before: the copies follow. --to-revision names another revision." },
  );
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
