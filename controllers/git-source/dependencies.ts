import { findCondition } from "../../api/conditions.ts";
import { parseRevision, type Revision, revisionText, shortRevision } from "../../api/git/revision.ts";
import type { Key, Stored } from "../../api/object.ts";
import type { GitSource } from "../../api/types.generated.ts";
import { oneLine } from "../../lib/one-line.ts";
import { sameJson } from "../../lib/same-json.ts";
import { enumerate } from "../../lib/wording.ts";
import type { SourceProblem } from "../source/reader.ts";
import { cycleThrough, describeCycle } from "./dependency-cycle.ts";
import { dependenciesOf, type Sources } from "./keys.ts";
import { rollbackOf } from "./rollback.ts";

const NOT_READY = "DependencyNotReady";
export const DEPENDENCY_CYCLE = "DependencyCycle";
/** Of the message of another source, so many characters are repeated. */
const LONGEST = 200;

/**
 * Why no revision of a source may be applied now; undefined when each source that it depends on is Ready. Another try does not help: it is for one of those to change, and that
 * is seen. What a source of another namespace says of itself is for who may read it there.
 */
export function waitsFor(source: Stored<GitSource>, sources: Sources): SourceProblem | undefined {
  // A person wants it back now, as it was when the others were ready.
  if (rollbackOf(source)) return undefined;
  const cycle = cycleThrough(source, sources);
  if (cycle) return { reason: DEPENDENCY_CYCLE, message: describeCycle(cycle, source), worthRetrying: false };
  const unmet = dependenciesOf(source).flatMap((key) => {
    const why = whyNot(source, sources.get(key));
    return why === undefined ? [] : [`gitsource ${key} ${why}`];
  });
  return unmet.length === 0 ? undefined : notReady(unmet);
}

/**
 * Those of its dependencies that follow the same of the same repository, and what each of them has applied: what is pushed for all of them in one commit is applied in
 * order. A suspended one follows nothing.
 */
export function companionsOf(source: Stored<GitSource>, sources: Sources): [Key, Revision | undefined][] {
  const { url, ref = {} } = source.spec;
  return dependenciesOf(source).flatMap((key): [Key, Revision | undefined][] => {
    const { spec, status } = sources.get(key) ?? {};
    const isOne = spec?.url === url && sameJson(spec.ref ?? {}, ref) && !spec.suspend;
    return isOne ? [[key, parseRevision(status?.lastAppliedRevision ?? "")]] : [];
  });
}

/** Why this very revision may not be applied yet: these companions are ready, with another. */
export function waitsForRevision(source: Stored<GitSource>, revision: Revision, behind: readonly Key[]): SourceProblem {
  const isOurs = (key: Key): boolean => key.startsWith(`${source.metadata.namespace}/`);
  const why = `is not ready: it has not applied ${shortRevision(revisionText(revision))} yet`;
  return notReady(behind.map((key) => `gitsource ${key} ${isOurs(key) ? why : "is not ready"}`));
}

/** While it waits, nothing of a spec that was changed since is applied, neither of this revision nor of an earlier one. */
export const isChangedWhileWaiting = ({ metadata, status }: Stored<GitSource>, { reason }: SourceProblem): boolean =>
  (reason === NOT_READY || reason === DEPENDENCY_CYCLE) &&
  status?.lastAppliedGeneration !== undefined &&
  status.lastAppliedGeneration !== metadata.generation;

const notReady = (unmet: readonly string[]): SourceProblem => ({
  reason: NOT_READY,
  message: enumerate(unmet),
  worthRetrying: false,
});

function whyNot(by: Stored<GitSource>, other: Stored<GitSource> | undefined): string | undefined {
  if (!other) return "is not there";
  const { metadata, spec, status } = other;
  const ready = findCondition(status?.conditions, "Ready");
  // While it is suspended nobody looks at it, so what it was last is what it is.
  const isSeen = spec.suspend || status?.observedGeneration === metadata.generation;
  if (isSeen && ready?.status === "True") return undefined;
  if (metadata.namespace !== by.metadata.namespace) return "is not ready";
  if (spec.suspend)
    return `is not ready: it is suspended; wctl resume gitsource/${metadata.name} -n ${metadata.namespace}`;
  if (!ready) return "is not ready: it was not applied yet";
  if (!isSeen) return "is not ready: its spec has changed, and is not applied yet";
  // Its message would hold that of the next one, and so on.
  if (ready.reason === NOT_READY) return "is not ready: it waits for others itself";
  const [first = ""] = (ready.message ?? "").split("\n");
  return `is not ready: ${oneLine(first, LONGEST)}`;
}
