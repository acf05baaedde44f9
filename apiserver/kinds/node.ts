import { isTrue } from "../../api/conditions.ts";
import type { Stored } from "../../api/object.ts";
import { nodes } from "../../api/scheme.ts";
import type { Node } from "../../api/types.generated.ts";
import { ageColumn, type Cell } from "../printing/column.ts";
import { defineKind } from "./kind.ts";

export const nodeKind = defineKind<Node>({
  resource: nodes,
  nodeRestriction: (node, { metadata: { name } }) =>
    name === node ? undefined : `is not allowed to modify node ${JSON.stringify(name)}`,
  columns: [
    { name: "Status", type: "string", description: "Ready or NotReady.", cell: statusWord },
    ageColumn,
    { name: "Version", type: "string", path: ".status.nodeInfo.wctlVersion", description: "Of the agent." },
    {
      name: "OS-Image",
      type: "string",
      priority: 1,
      path: ".status.nodeInfo.osImage",
      description: "Operating system.",
    },
    { name: "Runtime", type: "string", priority: 1, path: ".status.nodeInfo.runtime", description: "Runtime body." },
  ],
  selectableFields: [{ field: "spec.unschedulable", absent: "false" }],
});

/** As kubectl: `Ready`, `NotReady`, with `,SchedulingDisabled` when cordoned. */
function statusWord({ spec, status }: Stored<Node>): Cell {
  const ready = isTrue(status?.conditions, "Ready") ? "Ready" : "NotReady";
  return spec?.unschedulable ? `${ready},SchedulingDisabled` : ready;
}
