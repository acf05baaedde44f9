import type { Client } from "../../api/client.ts";
import { isNotFound } from "../../api/errors.ts";
import { type Key, keyOf, type Stored } from "../../api/object.ts";
import { events } from "../../api/scheme.ts";
import type { Event } from "../../api/types.generated.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";

export interface Retention {
  /** Events whose last occurrence is longer ago are deleted. */
  maxAgeMs: number;
  /** In each namespace only so many of the newest are kept. */
  maxPerNamespace: number;
}

export const defaultRetention: Retention = { maxAgeMs: 3_600_000, maxPerNamespace: 1_000 };

/** Events are kept for an hour as in Kubernetes, and never fill the store (P19). */
export class EventRetention {
  readonly name = "event retention";
  readonly #options: { client: Client; clock: Clock; logger: Logger; retention?: () => Retention };

  /** `retention` is asked in every round, so that a reloaded configuration takes effect at once. */
  constructor(options: { client: Client; clock: Clock; logger: Logger; retention?: () => Retention }) {
    this.#options = options;
  }

  /** One round a minute until the signal aborts. */
  async start(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    while (!signal.aborted) {
      await this.round(signal).catch((error: unknown) => {
        if (!signal.aborted) logger.warn("old events not deleted", { error: String(error) });
      });
      await sleep(clock, ROUND_MS, signal).catch(() => {});
    }
  }

  async round(signal: AbortSignal): Promise<void> {
    const { client, clock, retention = () => defaultRetention } = this.#options;
    const { items } = await client.list(events, { signal });
    const superfluous = superfluousEvents(items, retention(), clock.wall());
    for (let at = 0; at < superfluous.length; at += PARALLEL) {
      await Promise.all(superfluous.slice(at, at + PARALLEL).map((key) => this.#delete(key, signal)));
    }
  }

  async #delete(key: Key, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#options.client.delete(events, key).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
}

const ROUND_MS = 60_000;
const PARALLEL = 64;

/** The keys of the Events that are too old, or too many in their namespace. */
export function superfluousEvents(
  all: readonly Stored<Event>[],
  { maxAgeMs, maxPerNamespace }: Retention,
  now: Date,
): Key[] {
  const newestFirst = all.map((event) => ({ event, at: lastSeen(event) })).sort((a, b) => b.at - a.at);
  const kept = new Map<string, number>();
  return newestFirst.flatMap(({ event, at }) => {
    const namespace = event.metadata.namespace ?? "";
    const number = (kept.get(namespace) ?? 0) + 1;
    if (now.getTime() - at > maxAgeMs || number > maxPerNamespace) return [keyOf(event)];
    kept.set(namespace, number);
    return [];
  });
}

const lastSeen = ({ lastTimestamp, eventTime, metadata }: Stored<Event>): number =>
  Date.parse(lastTimestamp ?? eventTime ?? metadata.creationTimestamp) || 0;
