import { type Entry, recordName, type TemplateRevision } from "./record.ts";

export type HistoryStep =
  | ({ do: "record"; number: number } & TemplateRevision)
  | { do: "renumber"; name: string; number: number; changeCause?: string | undefined }
  | { do: "prune"; name: string };

/**
 * Makes these the newest of the history, in this order. A template that is not recorded yet is recorded. One that came back is not recorded a
 * second time: its record gets a new number. So does the newest when its change cause is another, and the number is the same then. A record never
 * changes: one of an earlier version, which does not say where its content is kept, makes room for one that does.
 */
export function toRecord(history: readonly Entry[], rolledOut: readonly TemplateRevision[]): HistoryStep[] {
  const entries = new Map(history.map((entry) => [entry.name, entry]));
  let newest = Math.max(0, ...history.map(({ number }) => number));
  const steps: HistoryStep[] = [];
  for (const edition of rolledOut) {
    const name = recordName(edition.revision);
    const known = entries.get(name);
    const { changeCause = known?.changeCause } = edition;
    const makesRoom = known?.keepsNothing === true && edition.content?.kept !== undefined;
    if (known?.number === newest && changeCause === known.changeCause && !makesRoom) continue;
    if (known?.number !== newest) newest += 1;
    entries.set(name, { name, number: newest, changeCause });
    if (makesRoom) steps.push({ do: "prune", name });
    if (!known || makesRoom) steps.push({ do: "record", number: newest, ...edition, changeCause });
    else steps.push({ do: "renumber", name, number: newest, changeCause });
  }
  return steps;
}

/** Removes what is beyond the limit, oldest first. Revisions that are `used` are neither counted nor removed. */
export function toPrune(history: readonly Entry[], used: Iterable<string>, limit: number): HistoryStep[] {
  const names = new Set(Array.from(used, recordName));
  const unused = history.filter(({ name }) => !names.has(name)).sort((a, b) => a.number - b.number);
  return unused.slice(0, Math.max(0, unused.length - limit)).map(({ name }) => ({ do: "prune", name }));
}
