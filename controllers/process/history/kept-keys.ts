import { contentKey } from "../../../api/content/content-references.ts";
import { makeKey, type Stored } from "../../../api/object.ts";
import type { ControllerRevision, Process } from "../../../api/types.generated.ts";
import { contentOfRecord } from "./record.ts";

/** The kept copies that the status of a Process refers to, as `configmaps/default/web-0f…`. */
export const keptKeysOf = ({ metadata, status }: Stored<Process>): string[] =>
  keysOf(metadata.namespace, status?.content?.kept);

/** Those that a revision of the history refers to. */
export const keptKeysOfRecord = (record: Stored<ControllerRevision>): string[] =>
  keysOf(record.metadata.namespace, contentOfRecord(record)?.kept);

const keysOf = (namespace: string | undefined, kept: Record<string, string> = {}): string[] =>
  Object.entries(kept).map(([place, name]) =>
    contentKey(place.slice(0, place.indexOf("/")), makeKey(namespace, String(name))),
  );
