import { isNotFound } from "../../api/errors.ts";
import type { LogOptions } from "../../api/log-options.ts";
import type { Key, Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { Kind } from "../kinds/kind.ts";
import type { KindStorage } from "./kind-storage.ts";
import type { LogSource } from "./log-source.ts";
import type { Storage } from "./storage.ts";

export interface LogStorageOptions {
  objects: KindStorage;
  copyOf: NonNullable<Kind["loggedCopy"]>;
  storageOf: (resource: Resource) => KindStorage;
  logs: LogSource;
}

/** The subresource `log`: what a copy wrote. */
export class LogStorage implements Storage {
  readonly resource: Resource;
  readonly #options: LogStorageOptions;

  constructor(options: LogStorageOptions) {
    this.resource = options.objects.resource;
    this.#options = options;
  }

  streamLog(key: Key, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const { objects, copyOf, logs } = this.#options;
    const copy = copyOf(objects.get(key), options.index, (resource, other) => this.#find(resource, other));
    return logs.open(copy, options, signal);
  }

  #find(resource: Resource, key: Key): Stored | undefined {
    try {
      return this.#options.storageOf(resource).get(key);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}
