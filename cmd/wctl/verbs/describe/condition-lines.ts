import type { Condition } from "../../../../api/types.generated.ts";
import { age } from "../../text/age.ts";
import type { Look } from "../../text/look.ts";
import { plainLine } from "../../text/plain.ts";
import { ruledTable } from "../../text/ruled-table.ts";
import { conditionTone, inTone } from "../../text/tone.ts";

/** `said`: what the reader has read already. */
export function conditionLines(
  conditions: readonly Condition[] | undefined,
  { now, paint }: Look,
  said: string | undefined,
): string[] {
  if (!conditions || conditions.length === 0) return [];
  const told = [said ?? ""];
  const rows = conditions.map(({ type, status, reason, lastTransitionTime, message }) => {
    const text = plainLine(message);
    const news = unlessTold(text, told);
    told.push(text);
    return [type, status, reason, age(lastTransitionTime, now), news];
  });
  return ruledTable(["Type", "Status", "Reason", "Since", "Message"], rows, (cell, column, [type = ""]) =>
    column === "Status" ? inTone(paint, conditionTone(type, cell), cell) : cell,
  );
}

const ABOVE = "as above";

/** Several conditions often have the same failure as their reason: `2 instances failing (as above)`. */
function unlessTold(text: string, told: readonly string[]): string {
  const isTold = (part: string): boolean => part !== "" && told.some((one) => one.includes(part));
  if (isTold(text)) return ABOVE;
  const end = [...text.matchAll(/: |\. /g)].find(({ index }) => isTold(text.slice(index + 2)));
  return end ? `${text.slice(0, end.index)} (${ABOVE})` : text;
}
