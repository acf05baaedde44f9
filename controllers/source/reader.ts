import type { Manifest } from "../../api/manifests/manifest.ts";

/** One manifest file: its Objects, or why it has none to offer. */
export interface ManifestFile {
  /** Relative to the source, with forward slashes on every platform. */
  path: string;
  /** Differs whenever the file may have changed. */
  signature: string;
  manifests: readonly Manifest[];
  /** Complete, as `web.yaml:3:1: …`. Then `manifests` is empty and says nothing about the file's Objects. */
  problem?: string;
}

/** Everything that a source declares at one moment. */
export interface SourceReading {
  /** Tells this source from another one that came to its place, as a folder under a mount point. */
  identity: string;
  /** What the source itself calls this state, as the hash of a commit; absent where it has no name. */
  revision?: string;
  files: readonly ManifestFile[];
  /** Files that look like manifests but were not read, each with the reason. */
  remarks: readonly string[];
  /** Why this is not the newest that there is: an earlier state stands in for it. */
  problem?: SourceProblem;
  /** A person has confirmed that any number of Objects may be pruned. */
  isPruneApproved: boolean;
}

export interface SourceProblem {
  /** Reason of the condition and the Event. */
  reason: string;
  message: string;
  /** Another try may help although nobody changes anything. */
  worthRetrying: boolean;
}

export interface SourceListener {
  changed(): void;
  /** Changes may be missed from now on: the source is read every few seconds instead. */
  failed(error: unknown): void;
}

/** Where manifests come from. The engine (`source.ts`) does with them what it does for every source. */
export interface SourceReader {
  /** Rejects when the source cannot be read to its end (`SourceUnreadable` with a reason of its own): half a source must not look like a smaller source. */
  read(signal: AbortSignal): Promise<SourceReading>;
  /**
   * What was applied last, when that is another state than the last reading: it stays enforced while nothing of the newest may be applied. Absent where
   * a source has one state only, as a folder; undefined when it cannot be had.
   */
  lastGood?(signal: AbortSignal): Promise<SourceReading | undefined>;
  /** Tells of everything that may have changed what `read` finds. Resolves with the unsubscription when it watches. */
  watch(on: SourceListener): Promise<() => Promise<void>>;
  /** Nothing is read any more; a read that has begun may reject. */
  close(): void;
}

/** A source that cannot be read, with a reason of its own. */
export class SourceUnreadable extends Error implements SourceProblem {
  override readonly name = "SourceUnreadable";
  readonly reason: string;
  readonly worthRetrying: boolean;

  constructor({ reason, message, worthRetrying }: SourceProblem) {
    super(message);
    this.reason = reason;
    this.worthRetrying = worthRetrying;
  }
}

/** What a source is called, towards the API and towards people. */
export interface SourceIdentity {
  /** Value of the label `wctl.dev/source` on all that it makes. No two sources share one, so none prunes what another made. */
  label: string;
  fieldManager: string;
  /** As messages call it: `folder`, for "the folder". */
  noun: string;
  /** Reason of the condition and the Event when it cannot be read. */
  unreadableReason: string;
  /** How a person confirms a prune that the brake refused, as an imperative. */
  howToApprove: string;
}
