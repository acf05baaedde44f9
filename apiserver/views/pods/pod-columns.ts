import type { Stored } from "../../../api/object.ts";
import type { Pod } from "../../../api/types.generated.ts";
import { age } from "../../printing/age.ts";
import type { Cell, Column } from "../../printing/column.ts";

const none = (): Cell => "<none>";

/** Kubernetes' columns (`pkg/printers/internalversion`), in its order and with its cells: scripts cut them. */
export const podColumns: Column<Pod>[] = [
  { name: "Ready", type: "string", description: "Containers that are ready, of all.", cell: ready },
  { name: "Status", type: "string", description: "One word.", cell: statusWord },
  { name: "Restarts", type: "string", description: "Restarts, and when the last one was.", cellNow: restarts },
  {
    name: "Age",
    type: "string",
    description: "Time since it was created.",
    cellNow: ({ metadata }, now) => age(metadata.creationTimestamp, now),
  },
  {
    name: "IP",
    type: "string",
    priority: 1,
    description: "That of its node.",
    cell: ({ status }) => status.podIP ?? "<none>",
  },
  { name: "Node", type: "string", priority: 1, path: ".spec.nodeName", description: "Where it runs." },
  { name: "Nominated Node", type: "string", priority: 1, description: "There never is one.", cell: none },
  { name: "Readiness Gates", type: "string", priority: 1, description: "There are none.", cell: none },
];

const mainOf = ({ status }: Stored<Pod>): Pod["status"]["containerStatuses"][number] => status.containerStatuses[0]!;

function ready(pod: Stored<Pod>): Cell {
  return mainOf(pod).ready ? "1/1" : "0/1";
}

/** As Kubernetes' `printPod`; clients that make the word themselves make the same of the same fields. */
function statusWord(pod: Stored<Pod>): Cell {
  const { phase } = pod.status;
  const isOver = phase === "Succeeded" || phase === "Failed";
  if (pod.metadata.deletionTimestamp !== undefined && !isOver) return "Terminating";
  const { waiting, terminated } = mainOf(pod).state;
  return waiting?.reason ?? terminated?.reason ?? phase;
}

function restarts(pod: Stored<Pod>, now: Date): Cell {
  const { restartCount, lastState } = mainOf(pod);
  const { finishedAt } = lastState.terminated ?? {};
  return restartCount === 0 || finishedAt === undefined
    ? `${restartCount}`
    : `${restartCount} (${age(finishedAt, now)} ago)`;
}
