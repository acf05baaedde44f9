import { type Place, placesOf } from "../../../api/content/recorded-content.ts";
import { makeKey, type Stored } from "../../../api/object.ts";
import type { InstanceSpec, Process, ProcessTemplate } from "../../../api/types.generated.ts";
import type { History } from "../history/history.ts";
import { revisionOf } from "../history/revision.ts";
import type { KeptCopies } from "./kept-copies.ts";

export interface KeptContent {
  /** Absent: its content is what is there now, or was recorded by an earlier version, which kept none. */
  references?: InstanceSpec["keptContent"];
  /** What of it is not kept. */
  missing?: string;
}

/** For each revision but that of the spec: where its content is kept, if it has changed since. */
export function keptContents(
  process: Stored<Process>,
  templates: ReadonlyMap<string, ProcessTemplate>,
  { history, copies }: { history: Pick<History, "contentOf">; copies: Pick<KeptCopies, "find"> },
): ReadonlyMap<string, KeptContent> {
  const contents = new Map<string, KeptContent>();
  const present = revisionOf(process);
  for (const [revision, template] of templates) {
    const recorded = revision === present ? undefined : history.contentOf(process, revision);
    const content = keptContentOf(process, placesOf({ template, recorded }, process), copies);
    if (content) contents.set(revision, content);
  }
  return contents;
}

function keptContentOf(
  { metadata, status }: Stored<Process>,
  places: readonly Place[],
  copies: Pick<KeptCopies, "find">,
): KeptContent | undefined {
  const changed = places.filter(({ plural, name, keptAs }) => {
    const present = status?.content?.kept?.[`${plural}/${name}`];
    return keptAs === undefined || keptAs !== present;
  });
  const missing = changed.find(
    ({ plural, keptAs, isUnkept }) =>
      isUnkept || (keptAs !== undefined && !copies.find(plural, makeKey(metadata.namespace, keptAs))),
  );
  if (changed.length === 0) return undefined;
  const references = changed.map(({ plural, name, keptAs }) => ({
    kind: plural === "secrets" ? ("Secret" as const) : ("ConfigMap" as const),
    name,
    ...(keptAs === undefined ? {} : { keptAs }),
  }));
  return { references, ...(missing && { missing: `${nounOf(missing)} as it was then is not kept` }) };
}

const nounOf = ({ plural, name }: Place): string => `${plural === "secrets" ? "secret" : "configmap"} "${name}"`;
