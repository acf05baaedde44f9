import type { Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { ConfigMap, Secret } from "../../api/types.generated.ts";
import { nodeStatusWord } from "../kinds/node.ts";
import type { Cell, PrintContext } from "./cell.ts";
import { revisionController } from "./controller-revision.ts";
import { eventFirstSeen, eventLastSeen, eventObject, eventSource } from "./event.ts";
import { instanceReady, instanceStatusWord } from "./instance.ts";
import { processNode, processPid, processReady, processStatusWord } from "./process.ts";

type Printer<T> = (object: T, context: PrintContext) => Cell;

/** Before the first status there were none. */
const restarts: Printer<{ status?: { restartCount?: number } }> = ({ status }) => status?.restartCount ?? 0;

const sizeOf = (record: object | undefined): number => (record ? Object.keys(record).length : 0);

const printers = (cells: Record<string, Printer<never>>): ReadonlyMap<string, Printer<Stored>> =>
  // The table below pairs each kind with printers of that kind.
  new Map(Object.entries(cells)) as ReadonlyMap<string, unknown> as ReadonlyMap<string, Printer<Stored>>;

/** By kind, then by column: the cells that no JSONPath can give, or not always. */
const byKind: ReadonlyMap<string, ReadonlyMap<string, Printer<Stored>>> = new Map([
  [
    "Process",
    printers({
      Ready: processReady,
      Status: processStatusWord,
      Restarts: restarts,
      Pid: processPid,
      Node: processNode,
    }),
  ],
  ["Instance", printers({ Ready: instanceReady, Status: instanceStatusWord, Restarts: restarts })],
  ["Secret", printers({ Data: ({ data }: Stored<Secret>) => sizeOf(data) })],
  ["ConfigMap", printers({ Data: ({ data, binaryData }: Stored<ConfigMap>) => sizeOf(data) + sizeOf(binaryData) })],
  ["ControllerRevision", printers({ Controller: revisionController })],
  ["Node", printers({ Status: nodeStatusWord })],
  [
    "Event",
    printers({ "Last Seen": eventLastSeen, Object: eventObject, Source: eventSource, "First Seen": eventFirstSeen }),
  ],
]);

/** Undefined when the column's JSONPath says it all. */
export const printerOf = (resource: Resource, column: string): Printer<Stored> | undefined =>
  byKind.get(resource.kind)?.get(column);

/** Columns without a JSONPath that nobody prints; a test keeps this empty. */
export const unprinted = (scheme: readonly Resource[]): string[] =>
  scheme.flatMap(({ kind, columns }) =>
    columns
      .filter((column) => column.jsonPath === undefined && !byKind.get(kind)?.has(column.name))
      .map((column) => `${kind}.${column.name}`),
  );
