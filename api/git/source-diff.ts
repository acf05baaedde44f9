import type { KubeObject, Stored } from "../object.ts";
import type { Resource } from "../scheme.ts";

/** Unchanged: it was compared, and an apply would write nothing. Release: it stays, without the marks of the source. */
export type SourceAction = "Create" | "Configure" | "Unchanged" | "Prune" | "Release";

/** What the next apply of a source would do to one Object. */
export interface SourceChange {
  action: SourceAction;
  resource: Resource;
  namespace: string | undefined;
  name: string;
  /** Where it is declared, or what declared it before. */
  file: string;
  /** In the file; absent for what is declared no more. */
  line?: number;
  /** As it is; absent for one that would be created. */
  before?: Stored;
  /** As it would be; absent for one that would be pruned or released. */
  after?: KubeObject;
}

export interface SourceFinding {
  /** As in the condition Ready of the source. */
  reason: string;
  message: string;
}

/** What the next apply of a source would change, all of it, with values of Secrets: for the API server only. */
export interface SourceDiff {
  /** That was looked at; absent when there was none. */
  revision?: string;
  /** Empty where nothing of the revision would be applied. */
  changes: readonly SourceChange[];
  /** Why not all of it, or nothing, would be applied; that it waits for approval (`PruneRefused`) too. */
  findings: readonly SourceFinding[];
}

/** What is shown of a change: values of Secrets are masked. */
export interface ShownChange {
  action: Exclude<SourceAction, "Unchanged">;
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
  file: string;
  line?: number;
  before?: KubeObject;
  after?: KubeObject;
  /** Why neither is here: whoever asks may not read the Object, or the answer would be too large. */
  withheld?: "Forbidden" | "TooLarge";
}

export type ShownName = Pick<ShownChange, "apiVersion" | "kind" | "namespace" | "name">;

/** The answer of the subresource `diff` of GitSources. */
export interface GitSourceDiff extends KubeObject {
  kind: "GitSourceDiff";
  status: {
    revision?: string;
    changes: ShownChange[];
    /** So many more are left out. */
    remainingChangeCount?: number;
    /** Objects that whoever asks may not read, and that are there: whether an apply would change them is not said. */
    notCompared: ShownName[];
    findings: SourceFinding[];
  };
}

export interface DiffOptions {
  /** Instead of what the ref of the source is now: 40 hexadecimal digits. */
  commit?: string;
}
