import type { ContentStatus, ProcessSpec, ProcessStatus, ProcessTemplate } from "../types.generated.ts";
import { type ContentReference, contentReferencesOf, isVariable } from "./content-references.ts";

/** What of the content of ConfigMaps and Secrets belongs to a revision: which it was, and where it is kept; never what. */
export interface RecordedContent extends Pick<ContentStatus, "digests" | "digest" | "changed" | "kept"> {
  /** Names the key of the digests. Absent in what earlier versions have recorded: of these nothing is kept. */
  key?: string;
}

/** One ConfigMap or Secret that a revision was made with, and which keys of it. */
export interface Place {
  plural: ContentReference["plural"];
  name: string;
  /** Absent: all keys. */
  keys?: ReadonlySet<string>;
  /** The kept copy; undefined: it was not there, or was not kept. */
  keptAs?: string | undefined;
  isUnkept: boolean;
}

/**
 * Where the content of a revision may be other than what the Process has now: those that have a copy, and those whose digests differ. What a program is
 * told of in place (Signal, Exec) does not count.
 */
export function placesOf(
  { template, recorded }: { template: ProcessTemplate; recorded: RecordedContent | undefined },
  { spec, status }: { spec: ProcessSpec; status?: ProcessStatus },
): Place[] {
  if (recorded?.key === undefined) return [];
  const all = contentReferencesOf(template);
  const { action } = spec.configChange ?? {};
  const isInPlace = action === "Signal" || action === "Exec";
  const counted = isInPlace ? all.filter(({ isFile }) => !isFile) : all;
  const present = status?.content?.key === recorded.key ? status.content.digests : undefined;
  return Array.from(Map.groupBy(counted, ({ plural, name }) => `${plural}/${name}`)).flatMap(([place, these]) => {
    const digestsIn = (digests: Readonly<Record<string, string>>): string => {
      const ids = Object.keys(digests).filter(
        (id) => id.startsWith(`${place}/`) && (!isInPlace || isVariable(all, id)),
      );
      return JSON.stringify(ids.toSorted().map((id) => [id, digests[id]]));
    };
    const had = digestsIn(recorded.digests);
    const keptAs = recorded.kept?.[place];
    if (keptAs === undefined && present !== undefined && digestsIn(present) === had) return [];
    const { plural, name } = these[0]!;
    const keys = these.some(({ key }) => key === undefined) ? undefined : new Set(these.map(({ key }) => key!));
    return [{ plural, name, keptAs, isUnkept: keptAs === undefined && had !== "[]", ...(keys && { keys }) }];
  });
}
