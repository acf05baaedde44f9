import type { KubeObject, Stored } from "../../api/object.ts";
import { type Column, instances, type Resource, wellKnown } from "../../api/scheme.ts";
import type { Instance } from "../../api/types.generated.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Registry } from "../registry/registry.ts";
import { age } from "./age.ts";
import type { Cell, PrintContext } from "./cell.ts";
import { printerOf } from "./computed-cells.ts";
import { jsonOf, partialJsonOf } from "./object-json.ts";

export interface TableOptions {
  version: "v1" | "v1beta1";
  /** What each row carries beside its cells. */
  includeObject: "None" | "Metadata" | "Object";
  /** False after the first event of a watch. */
  columnDefinitions: boolean;
}

const nameColumn = {
  name: "Name",
  type: "string",
  format: "name",
  description: "Unique within kind and namespace.",
  priority: 0,
};

/** Makes the `Table` of meta.k8s.io that kubectl prints: the server decides columns and cells, the client only aligns them. */
export class TablePrinter {
  readonly #registry: Registry;
  readonly #clock: Clock;

  constructor(registry: Registry, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
  }

  /** JSON of the whole Table, in parts. `metadata` is that of the list, or of the one Object. */
  *json(resource: Resource, objects: readonly Stored[], metadata: object, options: TableOptions): Generator<string> {
    const context = this.#context(objects);
    const definitions = options.columnDefinitions ? definitionsOf(resource) : "[]";
    yield `{"kind":"Table","apiVersion":"meta.k8s.io/${options.version}","metadata":${JSON.stringify(metadata)},"columnDefinitions":${definitions},"rows":[`;
    let comma = "";
    for (const object of objects) {
      yield comma + this.#row(resource, object, context, options);
      comma = ",";
    }
    yield "]}";
  }

  #row(resource: Resource, object: Stored, context: PrintContext, options: TableOptions): string {
    const cells = resource.columns.map((column) => cellOf(resource, column, object, context));
    if (leadsWithName(resource)) cells.unshift(object.metadata.name);
    const carried =
      options.includeObject === "Object"
        ? jsonOf(object)
        : options.includeObject === "Metadata"
          ? partialJsonOf(object, options.version)
          : undefined;
    return `{"cells":${JSON.stringify(cells)}${carried === undefined ? "" : `,"object":${carried}`}}`;
  }

  #context(objects: readonly Stored[]): PrintContext {
    let byProcess: Map<string, Stored<Instance>[]> | undefined;
    return {
      now: this.#clock.wall(),
      instancesOf: (process) => {
        byProcess ??= this.#instancesByProcess(objects);
        return byProcess.get(`${process.metadata.namespace}/${process.metadata.name}`) ?? [];
      },
    };
  }

  /** One list for the whole Table. */
  #instancesByProcess(processes: readonly Stored[]): Map<string, Stored<Instance>[]> {
    const spaces = new Set(processes.map((process) => process.metadata.namespace));
    const [only] = spaces.size === 1 ? spaces : [];
    const label = wellKnown.processLabel;
    const list = this.#registry.list(instances as unknown as Resource, {
      ...(only === undefined ? {} : { namespace: only }),
      labelSelector: processes.length === 1 ? `${label}=${processes[0]?.metadata.name}` : label,
    });
    return Map.groupBy(
      list.items as Stored<Instance>[],
      (instance) => `${instance.metadata.namespace}/${instance.metadata.labels?.[label]}`,
    );
  }
}

/** Core Events have their name at the end, as kubectl users know them; all else begins with it. */
const leadsWithName = (resource: Resource): boolean => !resource.columns.some((column) => column.name === "Name");

const definitions = new WeakMap<Resource, string>();

function definitionsOf(resource: Resource): string {
  const known = definitions.get(resource);
  if (known !== undefined) return known;
  const columns = resource.columns.map(({ name, type, description, priority = 0 }) => ({
    name,
    type,
    format: "",
    description,
    priority,
  }));
  const text = JSON.stringify(leadsWithName(resource) ? [nameColumn, ...columns] : columns);
  definitions.set(resource, text);
  return text;
}

function cellOf(resource: Resource, column: Column, object: Stored, context: PrintContext): Cell {
  const print = printerOf(resource, column.name);
  if (print) return print(object, context);
  const value = column.jsonPath === undefined ? undefined : valueAt(object, column.jsonPath);
  if (column.type === "date") return age(value, context.now);
  if (value === undefined || value === null) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return JSON.stringify(value);
}

/** Columns of our own kinds use plain dotted paths only. */
function valueAt(object: KubeObject, path: string): unknown {
  let value: unknown = object;
  for (const part of path.slice(1).split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
