import { isTrue } from "../../api/conditions.ts";
import type { Stored } from "../../api/object.ts";
import type { Node } from "../../api/types.generated.ts";
import type { Cell } from "../printing/cell.ts";

/** As kubectl: `Ready`, `NotReady`, with `,SchedulingDisabled` when cordoned. */
export function nodeStatusWord({ spec, status }: Stored<Node>): Cell {
  const ready = isTrue(status?.conditions, "Ready") ? "Ready" : "NotReady";
  return spec?.unschedulable ? `${ready},SchedulingDisabled` : ready;
}
