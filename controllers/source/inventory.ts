import { fileOf, labelOf } from "../../api/apply/source-marks.ts";
import type { Client } from "../../api/client.ts";
import { type Key, keyOf, type Stored } from "../../api/object.ts";
import { type Resource, wellKnown } from "../../api/scheme.ts";

/** An Object that this source made, as it is in the API. */
export interface Made {
  id: string;
  resource: Resource;
  object: Stored;
}

/** What sources have made, also those of an earlier daemon: nothing is remembered but the label and the annotation on the Objects. */
export interface Inventory {
  made: readonly Made[];
  /** Made by another source: its label, by id. */
  others: ReadonlyMap<string, string>;
}

/** What a source has applied, as it was then. */
export interface AppliedObject {
  kind: string;
  resourceVersion: string;
}

export const idOf = (resource: Resource, key: Key): string => `${resource.plural}.${resource.group}/${key}`;

export async function takeInventory(
  client: Client,
  resources: readonly Resource[],
  label: string,
  signal: AbortSignal,
): Promise<Inventory> {
  const lists = await Promise.all(
    resources.map(async (resource) => {
      const { items } = await client.list(resource, { labelSelector: wellKnown.sourceLabel, signal });
      return items.map((object): Made => ({ id: idOf(resource, keyOf(object)), resource, object }));
    }),
  );
  const all = lists.flat().filter(({ object }) => fileOf(object) !== undefined);
  const isOurs = ({ object }: Made): boolean => labelOf(object) === label;
  const others = all.filter((one) => !isOurs(one)).map(({ id, object }) => [id, labelOf(object) ?? ""] as const);
  return { made: all.filter(isOurs), others: new Map(others) };
}
