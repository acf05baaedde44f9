import { difference, type FieldSet, isEmptySet, unionOf } from "./field-set.ts";

/** One entry of `metadata.managedFields`: what a manager owns by one operation, through one subresource. */
export interface ManagedFieldsEntry extends Manager {
  /** RFC 3339, seconds. */
  time?: string;
  fieldsType: "FieldsV1";
  fieldsV1: FieldSet;
}

export interface Manager {
  manager: string;
  operation: "Apply" | "Update";
  /** In which the fields are named. */
  apiVersion: string;
  subresource?: string;
}

export type Managers = readonly ManagedFieldsEntry[];

/** As in Kubernetes. What applies is never folded: it may still want to take back what it owns. */
const MOST_UPDATE_MANAGERS = 10;
const ANCIENT = "ancient-changes";

/** Equal for entries that are one. Somebody who applies is the same in every version. In the form in which Kubernetes sorts them. */
export const identityOf = ({ manager, operation, apiVersion, subresource }: Manager): string =>
  JSON.stringify({
    ...(manager === "" ? {} : { manager }),
    operation,
    ...(operation === "Apply" ? {} : { apiVersion }),
    ...(subresource ? { subresource } : {}),
  });

export const isSameManager = (a: Manager, b: Manager): boolean => identityOf(a) === identityOf(b);

export const entryFor = (
  { manager, operation, apiVersion, subresource }: Manager,
  fieldsV1: FieldSet,
  time: string | undefined,
): ManagedFieldsEntry => ({
  manager,
  operation,
  apiVersion,
  ...(time === undefined ? {} : { time }),
  fieldsType: "FieldsV1",
  fieldsV1,
  ...(subresource ? { subresource } : {}),
});

/** The entries without some of their fields; one that is left with none goes. Those that own none of them stay the same entries. */
export function without(managers: Managers, ...lost: readonly FieldSet[]): ManagedFieldsEntry[] {
  return managers.flatMap((entry) => {
    const fieldsV1 = lost.reduce(difference, entry.fieldsV1);
    if (fieldsV1 === entry.fieldsV1) return [entry];
    return isEmptySet(fieldsV1) ? [] : [{ ...entry, fieldsV1 }];
  });
}

/** Sorted by operation and time, as Kubernetes keeps them. */
export const inOrder = (managers: Managers): ManagedFieldsEntry[] =>
  managers
    .map((entry) => ({ entry, keys: sortKeys(entry) }))
    .sort((a, b) => compareKeys(a.keys, b.keys))
    .map(({ entry }) => entry);

const sortKeys = ({ manager, operation, apiVersion, time, subresource = "" }: ManagedFieldsEntry) => [
  operation,
  time ? Math.floor(Date.parse(time) / 1000) : 0,
  manager,
  apiVersion,
  subresource,
];

function compareKeys(a: ReturnType<typeof sortKeys>, b: ReturnType<typeof sortKeys>): number {
  const at = a.findIndex((key, index) => key !== b[index]);
  return at < 0 ? 0 : (a[at] as string) < (b[at] as string) ? -1 : 1;
}

/** Of more than ten that update, the oldest become one: nobody remembers who they were. Expects them in order. */
export function capped(managers: Managers): Managers {
  const updaters = managers.filter(({ operation }) => operation === "Update");
  const surplus = updaters.length - MOST_UPDATE_MANAGERS;
  if (surplus <= 0) return managers;
  const folded = oldest(updaters, surplus).map((bucket) => withFormer(bucket, updaters));
  const gone = new Set(folded.flat());
  return inOrder([...managers.filter((entry) => !gone.has(entry)), ...folded.map(foldInto)]);
}

/** By version, so many that `surplus` fewer are left when each bucket is one. The first of a version makes room only together with the next one. */
function oldest(updaters: Managers, surplus: number): ManagedFieldsEntry[][] {
  const buckets = new Map<string, ManagedFieldsEntry[]>();
  let left = surplus;
  for (const entry of updaters) {
    const bucket = buckets.get(entry.apiVersion) ?? [];
    if (bucket.length > 0) left--;
    buckets.set(entry.apiVersion, [...bucket, entry]);
    if (left === 0) break;
  }
  return [...buckets.values()].filter((bucket) => bucket.length > 1);
}

/** With the entry of those that were folded before, which may be younger only when a client said so. */
function withFormer(bucket: ManagedFieldsEntry[], updaters: Managers): ManagedFieldsEntry[] {
  const { apiVersion } = bucket[0] as ManagedFieldsEntry;
  const former = updaters.find((entry) => isSameManager(entry, ancient(apiVersion)));
  return former && !bucket.includes(former) ? [former, ...bucket] : bucket;
}

const ancient = (apiVersion: string): Manager => ({ manager: ANCIENT, operation: "Update", apiVersion });

/** The time is that of the youngest. */
function foldInto(bucket: readonly ManagedFieldsEntry[]): ManagedFieldsEntry {
  const { apiVersion, time } = bucket.at(-1) as ManagedFieldsEntry;
  return entryFor(ancient(apiVersion), unionOf(bucket.map(({ fieldsV1 }) => fieldsV1)), time);
}
