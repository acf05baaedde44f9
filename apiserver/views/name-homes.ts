import type { HomeEntry } from "./home-source.ts";

/**
 * A name for each home: that of the Instance that it is for, `web-0`. Of several, as when a deleted Process left one and the next of its name has its
 * own, the one in use has the plain name, or the one that was used last; the others have the beginning of their owner's uid too.
 */
export function nameHomes<T extends HomeEntry>(entries: readonly T[]): [name: string, entry: T][] {
  const groups = Map.groupBy(entries, ({ namespace, process, index }) => `${namespace}/${process}-${index}`);
  return [...groups.values()].flatMap((group) => {
    const [first, ...others] = group.toSorted(byUse);
    return [
      [plainName(first!), first!] as [string, T],
      ...others.map((entry): [string, T] => [`${plainName(entry)}.${shortest(entry, others)}`, entry]),
    ];
  });
}

const plainName = ({ process, index }: HomeEntry): string => `${process}-${index}`;

const SHORT = 8;

/** So much of the owner's uid as tells it from the others. */
function shortest({ owner }: HomeEntry, others: readonly HomeEntry[]): string {
  const short = owner.slice(0, SHORT);
  return others.filter((other) => other.owner.startsWith(short)).length > 1 ? owner : short;
}

function byUse(a: HomeEntry, b: HomeEntry): number {
  const isUsed = Number(b.instance !== undefined) - Number(a.instance !== undefined);
  return isUsed || (b.releasedAt ?? "").localeCompare(a.releasedAt ?? "") || a.owner.localeCompare(b.owner);
}
