import { ManifestError } from "../../../api/manifest-error.ts";
import { type Manifest, objectsIn } from "../../../api/manifests/manifest.ts";
import { readYaml } from "../../../api/yaml/read-yaml.ts";
import type {
  ManifestFile,
  SourceIdentity,
  SourceListener,
  SourceProblem,
  SourceReader,
  SourceReading,
} from "../../../controllers/source/reader.ts";

export const identity = (label: string): SourceIdentity => ({
  label,
  fieldManager: `wctl-source-${label}`,
  noun: "shelf",
  unreadableReason: "ShelfUnreadable",
  howToApprove: "say yes to confirm",
});

/** Manifests in memory: what a test puts there, under revisions that it names. */
export class MemoryReader implements SourceReader {
  readonly files = new Map<string, string>();
  revision = "r1";
  isPruneApproved = false;
  problem: SourceProblem | undefined;
  /** The files of the state that was applied last, when it is not the newest. */
  appliedLast: Readonly<Record<string, string>> | undefined;
  /** What reading rejects with. */
  failure: Error | undefined;
  /** What watching rejects with. */
  watchFailure: Error | undefined;
  isClosed = false;
  readonly #listeners = new Set<SourceListener>();

  /** One push: these files (undefined: removed) under this revision. */
  push(revision: string, files: Record<string, string | undefined>): void {
    this.revision = revision;
    for (const [path, text] of Object.entries(files)) {
      if (text === undefined) this.files.delete(path);
      else this.files.set(path, text);
    }
    for (const { changed } of this.#listeners) changed();
  }

  async read(): Promise<SourceReading> {
    if (this.failure) throw this.failure;
    const files = Array.from(this.files, ([path, text]) => fileOf(path, text));
    return this.#reading(files);
  }

  async lastGood(): Promise<SourceReading | undefined> {
    if (!this.appliedLast) return undefined;
    return this.#reading(Object.entries(this.appliedLast).map(([path, text]) => fileOf(path, text)));
  }

  #reading(files: readonly ManifestFile[]): SourceReading {
    const { revision, isPruneApproved, problem } = this;
    return { identity: "shelf", revision, files, remarks: [], isPruneApproved, ...(problem ? { problem } : {}) };
  }

  async watch(on: SourceListener): Promise<() => Promise<void>> {
    if (this.watchFailure) throw this.watchFailure;
    this.#listeners.add(on);
    return async () => void this.#listeners.delete(on);
  }

  close(): void {
    this.isClosed = true;
  }
}

function fileOf(path: string, text: string): ManifestFile {
  const file = (manifests: readonly Manifest[]): ManifestFile => ({ path, signature: text, manifests });
  try {
    return file(objectsIn(readYaml(Buffer.from(text), path)));
  } catch (error) {
    if (error instanceof ManifestError) return { ...file([]), problem: error.message };
    throw error;
  }
}
