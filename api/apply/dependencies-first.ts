import { type Key, type KubeObject, makeKey } from "../object.ts";
import type { Process } from "../types.generated.ts";

/**
 * Puts each Process behind those of the list that it depends on, and leaves the order otherwise as it is: when both change, the
 * one must not start while the other is still as it was before. In a cycle one of them comes first all the same. All Objects are of one kind.
 */
export function dependenciesFirst<T extends { key: Key; object: KubeObject }>(objects: readonly T[]): T[] {
  const byKey = new Map(objects.map((one) => [one.key, one]));
  const sorted = new Set<T>();
  const entered = new Set<Key>();
  for (const first of objects) {
    const stack = [{ one: first, open: dependenciesOf(first) }];
    entered.add(first.key);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.open.pop();
      const other = next === undefined ? undefined : byKey.get(next);
      if (next === undefined) {
        sorted.add(top.one);
        stack.pop();
      } else if (other && !entered.has(next)) {
        entered.add(next);
        stack.push({ one: other, open: dependenciesOf(other) });
      }
    }
  }
  return [...sorted];
}

function dependenciesOf({ object }: { object: KubeObject }): Key[] {
  if (object.kind !== "Process") return [];
  const { metadata, spec } = object as Process;
  const { dependsOn } = (spec ?? {}) as Partial<Process["spec"]>;
  const named = Array.isArray(dependsOn) ? dependsOn : [];
  return named.map((dependency) => makeKey(metadata.namespace, String(dependency?.name))).reverse();
}
