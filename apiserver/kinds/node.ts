import { isTrue } from "../../api/conditions.ts";
import type { Stored } from "../../api/object.ts";
import { nodes } from "../../api/scheme.ts";
import type { Node } from "../../api/types.generated.ts";
import { ageColumn, type Cell, type Column } from "../printing/column.ts";
import { defineKind } from "./kind.ts";

const ROLE = "node-role.kubernetes.io/";
const NONE = "<none>";
const UNKNOWN = "<unknown>";

export const nodeKind = defineKind<Node>({
  resource: nodes,
  nodeRestriction: (node, { metadata: { name } }) =>
    name === node ? undefined : `is not allowed to modify node ${JSON.stringify(name)}`,
  // Kubernetes' (`pkg/printers/internalversion`), and RUNTIME as the last. `wctl get` keeps an order of its own (0057).
  columns: [
    { name: "Status", type: "string", description: "Ready or NotReady.", cell: statusWord },
    { name: "Roles", type: "string", description: "By its labels `node-role.kubernetes.io/ROLE`.", cell: roles },
    ageColumn,
    { name: "Version", type: "string", path: ".status.nodeInfo.wctlVersion", description: "Of the agent." },
    wide("Internal-IP", "Address in its network.", (node) => addressOf(node, "InternalIP")),
    wide("External-IP", "Address in other networks.", (node) => addressOf(node, "ExternalIP")),
    wide("OS-Image", "Operating system.", ({ status }) => status?.nodeInfo?.osImage || UNKNOWN),
    wide("Kernel-Version", "Of the operating system.", ({ status }) => status?.nodeInfo?.kernelVersion || UNKNOWN),
    wide(
      "Container-Runtime",
      "For Kubernetes' tools: the runtime body, and the version.",
      ({ status }) => status?.nodeInfo?.containerRuntimeVersion || UNKNOWN,
    ),
    wide("Runtime", "Runtime body.", ({ status }) => status?.nodeInfo?.runtime ?? null),
  ],
  selectableFields: [{ field: "spec.unschedulable", absent: "false" }],
});

/** As kubectl: `Ready`, `NotReady`, with `,SchedulingDisabled` when cordoned. */
function statusWord({ spec, status }: Stored<Node>): Cell {
  const ready = isTrue(status?.conditions, "Ready") ? "Ready" : "NotReady";
  return spec?.unschedulable ? `${ready},SchedulingDisabled` : ready;
}

/** What kubeadm and others give nodes. */
function roles({ metadata: { labels = {} } }: Stored<Node>): Cell {
  const found = Object.entries(labels).flatMap(([label, value]) => {
    if (label.startsWith(ROLE)) return [label.slice(ROLE.length)];
    return label === "kubernetes.io/role" ? [value] : [];
  });
  return [...new Set(found.filter((role) => role !== ""))].sort().join(",") || NONE;
}

function addressOf({ status }: Stored<Node>, wanted: string): Cell {
  return status?.addresses?.find(({ type }) => type === wanted)?.address || NONE;
}

function wide(name: string, description: string, cell: (node: Stored<Node>) => Cell): Column<Node> {
  return { name, type: "string", priority: 1, description, cell };
}
