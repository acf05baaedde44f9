import { StatusError } from "../../../api/errors.ts";
import type { SourceDiff } from "../../../api/git/source-diff.ts";
import type { DiffSource } from "../../../apiserver/registry/diff-source.ts";

/** What GitSources would change, for an API that is served before there are controllers. */
export class GitDiffs implements DiffSource {
  #diffs: DiffSource | undefined;

  /** From now on there is somebody who works it out. */
  answeredBy(diffs: DiffSource): void {
    this.#diffs = diffs;
  }

  async diffOf(...asked: Parameters<DiffSource["diffOf"]>): Promise<SourceDiff> {
    if (this.#diffs) return this.#diffs.diffOf(...asked);
    throw new StatusError("ServiceUnavailable", "the daemon follows no repository yet: it is starting, or degraded");
  }
}
