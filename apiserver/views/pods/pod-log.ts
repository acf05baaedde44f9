import { badRequest, isNotFound } from "../../../api/errors.ts";
import type { LogOptions } from "../../../api/log-options.ts";
import { type Key, type Stored, splitKey } from "../../../api/object.ts";
import { mainContainer } from "../../../api/pods.ts";
import { pods, type Resource } from "../../../api/scheme.ts";
import type { Instance } from "../../../api/types.generated.ts";
import type { KindStorage } from "../../registry/kind-storage.ts";
import type { LogStreamer, Storage } from "../../registry/storage.ts";
import { asPods } from "./as-pods.ts";
import { containerStatesOf } from "./container-state.ts";

/** The subresource `log`: that of the Instance. What was never written is refused in the words of the real server, which clients show and look for. */
export class PodLogStorage implements Storage {
  readonly resource = pods as unknown as Resource;
  readonly #instances: KindStorage;
  readonly #log: LogStreamer;

  constructor(instances: KindStorage, log: LogStreamer) {
    this.#instances = instances;
    this.#log = log;
  }

  async streamLog(key: Key, options: LogOptions, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    return this.#worded(await asPods(() => this.#log.streamLog(key, options, signal)), key, options);
  }

  async *#worded(
    lines: AsyncIterable<Uint8Array>,
    key: Key,
    { previous }: LogOptions,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* lines;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const instance = this.#instances.find(key) as Stored<Instance> | undefined;
      const what = `container "${mainContainer}" in pod "${splitKey(key).name}"`;
      if (previous) throw badRequest(`previous terminated ${what} not found`, error);
      const { state, lastState } = instance ? containerStatesOf(instance) : {};
      if (!state?.waiting || lastState?.terminated) throw error;
      throw badRequest(`${what} is waiting to start: ${state.waiting.reason}`, error);
    }
  }
}
