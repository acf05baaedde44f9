import { isObject, type JsonObject } from "../../lib/json-object.ts";
import type { KubeObject } from "../object.ts";
import { wellKnown } from "../scheme.ts";
import { isSecret, MASK } from "./last-applied.ts";

/** Without the bookkeeping that every write changes, and without the status: no apply writes it, and it may have changed between two reads. */
export function withoutBookkeeping({ status: _status, ...object }: KubeObject & { status?: unknown }): KubeObject {
  const { managedFields: _, resourceVersion: __, annotations, ...metadata } = object.metadata;
  const { [wellKnown.lastAppliedAnnotation]: ___, ...kept } = annotations ?? {};
  return { ...object, metadata: { ...metadata, ...(Object.keys(kept).length > 0 ? { annotations: kept } : {}) } };
}

/**
 * Two versions of an Object as people may see them: values of Secrets are masked (P20), equal ones as `***`, changed ones so that one sees that they changed.
 * What was masked already stays as it is. Pure.
 */
export function shownPair<B extends KubeObject | undefined>(before: B, after: KubeObject): [B, KubeObject] {
  const [old, now] = [before && withoutBookkeeping(before), withoutBookkeeping(after)] as unknown as Pair;
  return maskSecrets(old, now) as unknown as [B, KubeObject];
}

type Pair = [before: JsonObject | undefined, after: JsonObject];

function maskSecrets(before: JsonObject | undefined, after: JsonObject): Pair {
  if (!isSecret(after)) return [before, after];
  const masked: Pair = [before && { ...before }, { ...after }];
  for (const field of ["data", "stringData"]) {
    const [old, now] = [before?.[field], after[field]];
    if (masked[0] && old !== undefined) masked[0][field] = mask(old, now, `${MASK} (before)`);
    if (now !== undefined) masked[1][field] = mask(now, old, `${MASK} (after)`);
  }
  return masked;
}

/** No server has judged yet what is only declared: it may be anything. */
function mask(values: unknown, others: unknown, changed: string): JsonObject | string {
  if (!isObject(values)) return MASK;
  const isChanged = (key: string, value: unknown): boolean =>
    isObject(others) && Object.hasOwn(others, key) && others[key] !== value;
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, isChanged(key, value) ? changed : MASK]),
  );
}
