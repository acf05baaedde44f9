import type { LogOptions } from "../../api/log-options.ts";
import type { Key } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { KindStorage } from "./kind-storage.ts";
import type { LogSource } from "./log-source.ts";
import type { Storage } from "./storage.ts";

/** The subresource `log`: what the run of an Object wrote. */
export class LogStorage implements Storage {
  readonly resource: Resource;
  readonly #objects: KindStorage;
  readonly #logs: LogSource;

  constructor(objects: KindStorage, logs: LogSource) {
    this.resource = objects.resource;
    this.#objects = objects;
    this.#logs = logs;
  }

  streamLog(key: Key, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#logs.open(this.#objects.get(key).metadata.uid, options, signal);
  }
}
