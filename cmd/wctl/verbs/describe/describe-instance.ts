import { withKeptContent } from "../../../../api/content/with-kept-content.ts";
import type { Stored } from "../../../../api/object.ts";
import type { Instance } from "../../../../api/types.generated.ts";
import { accountAndLimits } from "../../text/account-and-limits.ts";
import { labelledLines } from "../../text/labelled-lines.ts";
import type { Look } from "../../text/look.ts";
import { decisionText, stateText } from "../../text/state-text.ts";
import { templateEntries } from "../../text/template-entries.ts";
import { statusTone } from "../../text/tone.ts";
import { conditionLines } from "./condition-lines.ts";
import { metadataEntries } from "./metadata-entries.ts";

export function describeInstance(instance: Stored<Instance>, look: Look): string[] {
  const { now, paint } = look;
  const { spec, status = {} } = instance;
  return labelledLines(
    [
      ...metadataEntries(instance, now),
      ["Node", spec.nodeName],
      ["Index", spec.index],
      ["Revision", spec.revision],
      ["Phase", status.phase, statusTone(status.phase)],
      ["Pid", status.pid],
      ...accountAndLimits([instance]),
      ["Ready", status.ready ?? false],
      ["Restarts", status.restartCount ?? 0],
      ["State", stateText(status.state, now)],
      ["Last State", stateText(status.lastState, now)],
      ["Last Stop", stopText(instance)],
      ...templateEntries(withKeptContent(spec)),
      ["Decision", decisionText(status.decision, now)],
      ["Conditions", conditionLines(status.conditions, look, status.decision?.message)],
    ],
    paint,
  );
}

function stopText({ status }: Stored<Instance>): string | undefined {
  const stop = status?.stop;
  if (!stop) return undefined;
  return `ended by ${stop.rung ?? "?"} after ${stop.durationMs ?? "?"}ms${stop.message ? `: ${stop.message}` : ""}`;
}
