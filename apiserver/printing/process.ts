import type { Stored } from "../../api/object.ts";
import type { Instance, Process } from "../../api/types.generated.ts";
import type { Cell, PrintContext } from "./cell.ts";

/** Longer lists end in `+ 3 more...`, as kubectl's do. */
const MOST_SHOWN = 8;

export const processReady = (process: Stored<Process>): Cell =>
  `${process.status?.readyReplicas ?? 0}/${process.spec.replicas ?? 1}`;

/** A deletion wins. A Process that no controller has seen yet is Pending; what is scaled to 0 has no word, for it waits for nothing. */
export const processStatusWord = ({ metadata, status }: Stored<Process>): Cell => {
  if (metadata.deletionTimestamp !== undefined) return "Terminating";
  return status ? (status.phase ?? "<none>") : "Pending";
};

export const processPid = (process: Stored<Process>, context: PrintContext): Cell =>
  joined(
    byIndex(context.instancesOf(process)).flatMap(({ status }) => (status?.pid === undefined ? [] : [status.pid])),
  );

export const processNode = (process: Stored<Process>, context: PrintContext): Cell =>
  joined([...new Set(byIndex(context.instancesOf(process)).map(({ spec }) => spec.nodeName))]);

const byIndex = (copies: readonly Stored<Instance>[]): Stored<Instance>[] =>
  copies.toSorted((a, b) => a.spec.index - b.spec.index);

function joined(values: readonly (string | number)[]): string {
  if (values.length === 0) return "<none>";
  const shown = values.slice(0, MOST_SHOWN).join(",");
  return values.length > MOST_SHOWN ? `${shown} + ${values.length - MOST_SHOWN} more...` : shown;
}
