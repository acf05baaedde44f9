import type { Path } from "./store.ts";

/** An Object as it is about to lie on disk. */
export interface StorageRecord {
  path: Path;
  /** The record belongs to this path, this Object and this revision, and to nothing else. */
  uid: string;
  revision: number;
  json: string;
}

/**
 * Changes what lies on disk, and nothing else: readers, watchers and the history see the Objects as they were written. Its model is the
 * `value.Transformer` of the kube-apiserver. The Store knows neither ciphers nor kinds; it hands each record below one of its `prefixes` to the Transformer.
 */
export interface Transformer {
  /** It changes the records below these paths; the others go to the disk as they are. */
  readonly prefixes: readonly Path[];
  /** The Store calls it at each start, after it could read everything and before the first write. Rejects with what keeps it from working, in words that say what to do. */
  prepare(): Promise<void>;
  toStorage(record: StorageRecord): string;
  /** `stale`: the record should be written anew. Throws, naming the record, when it is not exactly what `toStorage` made for this place. */
  fromStorage(path: Path, revision: number, stored: string): { json: string; stale: boolean };
}
