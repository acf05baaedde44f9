import type { Key, KubeObject, Stored } from "../api/object.ts";

/** Reads from an Informer's cache: cheap, synchronous, and a little behind the API. The Objects are shared, so nobody may change them. */
export interface Lister<T extends KubeObject> {
  get(key: Key): Stored<T> | undefined;
  list(namespace?: string): Stored<T>[];
  /** By an index that the Informer was made with, as `owner` or `uid`. */
  by(index: string, value: string): Stored<T>[];
}

export type Indexers<T extends KubeObject> = Record<string, (object: Stored<T>) => readonly string[]>;
