import type { ProcessTemplate } from "../../../api/types.generated.ts";
import { recordName } from "./record.ts";

/** A template that was recorded. The highest `number` was rolled out last. */
export interface Entry {
  name: string;
  number: number;
}

/** A template and what its revision is called. */
export interface TemplateRevision {
  revision: string;
  template: ProcessTemplate;
}

export type HistoryStep =
  | ({ do: "record"; number: number } & TemplateRevision)
  | { do: "renumber"; name: string; number: number }
  | { do: "prune"; name: string };

/**
 * Makes these the newest of the history, in this order. A template that is not recorded yet is recorded. One that came back is not recorded a
 * second time: its record gets a new number.
 */
export function toRecord(history: readonly Entry[], rolledOut: readonly TemplateRevision[]): HistoryStep[] {
  const numbers = new Map(history.map(({ name, number }) => [name, number]));
  let newest = Math.max(0, ...numbers.values());
  const steps: HistoryStep[] = [];
  for (const edition of rolledOut) {
    const name = recordName(edition.revision);
    const known = numbers.get(name);
    if (known === newest) continue;
    newest += 1;
    numbers.set(name, newest);
    steps.push(
      known === undefined ? { do: "record", number: newest, ...edition } : { do: "renumber", name, number: newest },
    );
  }
  return steps;
}

/** Removes what is beyond the limit, oldest first. Revisions that are `used` are neither counted nor removed. */
export function toPrune(history: readonly Entry[], used: Iterable<string>, limit: number): HistoryStep[] {
  const names = new Set(Array.from(used, recordName));
  const unused = history.filter(({ name }) => !names.has(name)).sort((a, b) => a.number - b.number);
  return unused.slice(0, Math.max(0, unused.length - limit)).map(({ name }) => ({ do: "prune", name }));
}
