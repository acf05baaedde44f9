import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { badRequest } from "../../../api/errors.ts";
import { channels } from "../../../api/exec/exec-connection.ts";
import type { ExecSession } from "../../../api/exec/exec-session.ts";
import type { LogOptions } from "../../../api/log-options.ts";
import { type Key, type Stored, splitKey } from "../../../api/object.ts";
import { mainContainer } from "../../../api/pods.ts";
import { pods, type Resource } from "../../../api/scheme.ts";
import type { Instance } from "../../../api/types.generated.ts";
import type { Getter, LogStreamer, Storage } from "../../registry/storage.ts";
import { asPods } from "./as-pods.ts";

/** The subresource `attach`: what the program prints from now on, to the end of its run. Its input is nobody's. */
export class PodAttachStorage implements Storage {
  readonly resource = pods as unknown as Resource;
  readonly #instances: Getter;
  readonly #log: LogStreamer;

  constructor(instances: Getter, log: LogStreamer) {
    this.#instances = instances;
    this.#log = log;
  }

  /** `outputs`: the channels that are asked for. */
  async openAttach(key: Key, outputs: readonly number[]): Promise<ExecSession> {
    const { status } = (await asPods(() => this.#instances.get(key))) as Stored<Instance>;
    const { name } = splitKey(key);
    if (!status?.state?.running) throw badRequest(`container ${mainContainer} of pod ${name} does not run`);
    const closed = new AbortController();
    const follow = async (channel: number, stream: LogOptions["stream"] & string): Promise<Readable> => {
      if (!outputs.includes(channel)) return Readable.from([]);
      const fromNow = { follow: true, tailLines: 0, stream };
      return Readable.from(await this.#log.streamLog(key, fromNow, closed.signal));
    };
    const stdout = await follow(channels.stdout, "Stdout");
    const stderr = await follow(channels.stderr, "Stderr");
    const ended = Promise.all([stdout, stderr].map((stream) => finished(stream))).then(() => ({ code: 0 }));
    ended.catch(() => {}); // Who serves the session hears of it.
    return {
      stdout,
      stderr,
      ended,
      resize: () => {},
      close: async () => {
        closed.abort();
        for (const stream of [stdout, stderr]) stream.destroy();
      },
    };
  }
}
