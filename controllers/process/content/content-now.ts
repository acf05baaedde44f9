import { findCondition } from "../../../api/conditions.ts";
import { contentReferencesOf, isVariable } from "../../../api/content/content-references.ts";
import { makeKey, type Stored } from "../../../api/object.ts";
import type { ContentStatus, Process } from "../../../api/types.generated.ts";
import type { Settling } from "../../../lib/settling.ts";
import type { Lister } from "../../../machinery/lister.ts";
import { templateNameOf } from "../history/revision.ts";
import { adopted, inForce, isWaiting, type Look, nameOf, wanted } from "./adoption.ts";
import type { DigestedContent } from "./digests.ts";
import { type Digests, firstSeen, presentDigests } from "./present.ts";

export interface ContentSources {
  configmaps: Pick<Lister<DigestedContent>, "get">;
  secrets: Pick<Lister<DigestedContent>, "get">;
  /** Names the key of the digests. */
  keyName: string;
}

const DEFAULT_SETTLE_SECONDS = 2;

export interface ContentNow {
  content: ContentStatus | undefined;
  /** Of its digests those that belong to the revision: without what changes in place. */
  counted: Digests;
  /** Milliseconds until content that waits may be taken in. */
  waitMs?: number;
}

/** The content that the revision of a Process is made with from now on; undefined when its template refers to none. */
export function contentNow(process: Stored<Process>, sources: ContentSources, settling: Settling): ContentNow {
  const look = lookAt(process, sources);
  if (!look) return { content: undefined, counted: {} };
  const counted = ({ digests }: ContentStatus): Digests =>
    Object.fromEntries(Object.entries(digests).filter(([id]) => look.isCounted(id)));
  const content = inForce(process.status?.content, look);
  if (!isWaiting(content, look)) {
    settling.rest();
    return { content, counted: counted(content) };
  }
  const settleMs = (process.spec.configChange?.settleSeconds ?? DEFAULT_SETTLE_SECONDS) * 1000;
  const isRolling = findCondition(process.status?.conditions, "Progressing")?.reason === "RolloutInProgress";
  const waitMs = settling.leftMs(nameOf(wanted(content, look)), settleMs, isRolling);
  if (waitMs > 0) return { content, counted: counted(content), waitMs };
  settling.rest();
  const next = adopted(content, look);
  return { content: next, counted: counted(next) };
}

function lookAt({ metadata, spec, status }: Stored<Process>, sources: ContentSources): Look | undefined {
  const references = contentReferencesOf(spec);
  // A one-shot does its work once, whoever edits a ConfigMap meanwhile.
  const isOnce = spec.restartPolicy === "Never" && spec.configChange === undefined;
  if (references.length === 0 || isOnce) return undefined;
  const before = status?.content?.digests ?? {};
  const find = (plural: "configmaps" | "secrets", name: string): DigestedContent | undefined =>
    sources[plural].get(makeKey(metadata.namespace, name));
  const present = presentDigests(references, find, before);
  const first = firstSeen(references, present, before);
  const action = status?.phase === "Completed" ? "Finished" : spec.configChange?.action;
  const isInPlace = action === "Signal" || action === "Exec";
  const isCounted = (id: string): boolean => !isInPlace || isVariable(references, id);
  return { key: sources.keyName, template: templateNameOf(spec), present, isCounted, firstSeen: first, action };
}
