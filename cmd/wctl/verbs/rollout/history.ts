import type { Stored } from "../../../../api/object.ts";
import { controllerRevisions, processes } from "../../../../api/scheme.ts";
import type { Process } from "../../../../api/types.generated.ts";
import { command } from "../../command/command.ts";
import { selector } from "../../command/common-options.ts";
import { processesOnly } from "../../command/takes.ts";
import { Failure } from "../../errors/failure.ts";
import { line } from "../../output/output.ts";
import { inColumns } from "../../printers/columns.ts";
import { type Revision, revisionsOf } from "../../rollout/revisions.ts";
import { objectName } from "../../text/name.ts";
import { plain } from "../../text/plain.ts";
import { chosenProcesses } from "./chosen-processes.ts";
import { templateLines } from "./template-lines.ts";

export const rolloutHistory = command({
  name: "rollout history",
  summary: "List the templates that a process had, or show one of them.",
  description:
    "CHANGE-CAUSE is the annotation kubernetes.io/change-cause, as the process had it when the template came. As many revisions are kept as spec.revisionHistoryLimit says.",
  usage: ["rollout history process/NAME... [flags]", "rollout history -l SELECTOR [flags]"],
  examples: [
    { what: "List the revisions of the process web", line: "wctl rollout history process/web" },
    { what: "Show what revision 3 was", line: "wctl rollout history process/web --revision=3" },
  ],
  takes: processesOnly,
  options: [
    selector,
    {
      name: "revision",
      type: "integer",
      placeholder: "NUMBER",
      default: 0,
      description: "Show the template of this revision.",
    },
  ],
  async run(args, flags, context) {
    const found = await chosenProcesses(args, flags.selector, { verb: "rollout history", context });
    const { client, namespace } = await context.session.open();
    const { items: records } = await client.list(controllerRevisions, { namespace });
    for (const process of found) {
      const revisions = revisionsOf(process, records);
      const text = flags.revision === 0 ? overview(process, revisions) : details(process, revisions, flags.revision);
      for (const one of text) await line(context.out, one);
    }
    return 0;
  },
});

function overview({ metadata: { name } }: Stored<Process>, revisions: readonly Revision[]): string[] {
  const rows = revisions.map(({ number, changeCause }) => [String(number), plain(changeCause ?? "<none>")]);
  return [objectName(processes, name), inColumns([["REVISION", "CHANGE-CAUSE"], ...rows])];
}

function details({ metadata: { name } }: Stored<Process>, revisions: readonly Revision[], wanted: number): string[] {
  const revision = revisions.find(({ number }) => number === wanted);
  if (!revision) throw new Failure(`unable to find the specified revision ${wanted} of process "${name}"`);
  return [`${objectName(processes, name)} with revision #${wanted}`, ...templateLines(revision)];
}
