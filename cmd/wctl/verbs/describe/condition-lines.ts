import type { Condition } from "../../../../api/types.generated.ts";
import { age } from "../../text/age.ts";
import type { Look } from "../../text/look.ts";
import { plain } from "../../text/plain.ts";
import { ruledTable } from "../../text/ruled-table.ts";
import { conditionTone, inTone } from "../../text/tone.ts";

export const conditionLines = (conditions: readonly Condition[] | undefined, { now, paint }: Look): string[] =>
  conditions && conditions.length > 0
    ? ruledTable(
        ["Type", "Status", "Reason", "Since", "Message"],
        conditions.map(({ type, status, reason, lastTransitionTime, message }) => [
          type,
          status,
          reason,
          age(lastTransitionTime, now),
          plain(message.replaceAll("\n", " ")),
        ]),
        (cell, column, [type = ""]) => (column === "Status" ? inTone(paint, conditionTone(type, cell), cell) : cell),
      )
    : [];
