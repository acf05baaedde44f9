import { enumerate } from "../../../../lib/wording.ts";
import type { Target } from "../../input/targets.ts";
import { type NoAnswer, noAnswerLines } from "../../no-answer/no-answer.ts";
import { labelledLines } from "../../text/labelled-lines.ts";

/** Nobody can tell how they are: the cause is the daemon's own. */
export function explainNoAnswer(targets: readonly Target[], why: NoAnswer): string[] {
  const [sentence = "", ...ways] = noAnswerLines(why);
  const names = targets.map(({ resource, name }) => `${resource.singular}/${name}`);
  return [
    `No daemon answers, so nobody can tell how ${enumerate(names)} ${names.length === 1 ? "is" : "are"}.`,
    "",
    ...labelledLines([
      ["Cause", `${why.reason}: ${sentence}`],
      ["Advice", ways.length === 0 ? undefined : ways.join("\n")],
    ]),
  ];
}
