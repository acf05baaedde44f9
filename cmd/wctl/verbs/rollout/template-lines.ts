import type { Revision } from "../../rollout/revisions.ts";
import { indented, labelledLines } from "../../text/labelled-lines.ts";
import { plain } from "../../text/plain.ts";
import { templateEntries } from "../../text/template-entries.ts";

/** A template as `kubectl rollout history --revision` shows one, with why it came when somebody said so. */
export const templateLines = ({ template, changeCause }: Revision): string[] => [
  "Process Template:",
  ...(changeCause === undefined ? [] : [`  Change Cause:  ${plain(changeCause)}`]),
  ...indented(labelledLines(templateEntries(template))),
];
