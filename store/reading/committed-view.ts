import { expired } from "../../api/errors.ts";
import type { Stored } from "../../api/object.ts";
import type { Clock } from "../../lib/clock.ts";
import { defaultBudget, Histories, type SeparateHistory } from "../history/histories.ts";
import type { HistoryBudget } from "../history/history.ts";
import type { Sizes } from "../history/sizes.ts";
import type { Contents } from "../recover.ts";
import type { Path, StoreEvent, StoreList, StoreListOptions, Watching } from "../store.ts";
import { WatchHub } from "../watch-hub.ts";
import { listPage } from "./listing.ts";
import { PathIndex } from "./path-index.ts";

export interface ReadingOptions {
  clock: Clock;
  /** How far watches and continued lists can go back. Default: five minutes, at least 1,000 changes, at most 16 MiB. */
  history?: Partial<HistoryBudget>;
  /** Paths that have a history of their own. */
  apart?: readonly SeparateHistory[];
  /** How many events a watcher may be behind; default 4,096. */
  watchBuffer?: number;
}

/** The durable contents as readers see them: the Objects, their history, and the watches. */
export class CommittedView {
  readonly sizes: Sizes;
  readonly #clock: Clock;
  readonly #objects: PathIndex;
  readonly #histories: Histories;
  readonly #hub: WatchHub;
  #revision: number;

  constructor(contents: Contents, { clock, history, apart = [], watchBuffer = 4_096 }: ReadingOptions) {
    const at = clock.now();
    const remembered = contents.events.map((event) => ({ event, bytes: contents.sizes.of(event), at }));
    this.sizes = contents.sizes;
    this.#clock = clock;
    this.#objects = new PathIndex(contents.objects);
    this.#histories = new Histories({ ...defaultBudget, ...history }, apart, { ...contents, remembered });
    this.#hub = new WatchHub(watchBuffer);
    this.#revision = contents.revision;
  }

  get revision(): number {
    return this.#revision;
  }

  get statistics(): { watchers: number; historyBytes: number } {
    return { watchers: this.#hub.size, historyBytes: this.#histories.bytes };
  }

  /** Of the main history, which lasts over a restart. */
  get compacted(): number {
    return this.#histories.compacted;
  }

  get(path: Path): Stored | undefined {
    return this.#objects.get(path);
  }

  list(prefix: Path, options?: StoreListOptions): StoreList {
    return listPage(this.#objects, this.#histories, this.#revision, prefix, options);
  }

  watch(prefix: Path, { after, signal }: { after?: number; signal: AbortSignal }): Watching<StoreEvent> {
    const from = after ?? this.#revision;
    const oldest = this.#histories.compactedBelow(prefix);
    if (from < oldest) throw expired(`too old resource version: ${from} (${oldest})`);
    // Such a revision is known only to a client that saw newer contents, before a backup was restored. It must list again.
    if (from > this.#revision) throw expired(`too large resource version: ${from} (${this.#revision})`);
    return this.#hub.watch(prefix, this.#histories.after(prefix, from), signal);
  }

  publish(event: StoreEvent): void {
    if (event.type === "DELETED") this.#objects.delete(event.path);
    else this.#objects.set(event.path, event.object);
    this.#histories.push({ event, bytes: this.sizes.of(event), at: this.#clock.now() });
    this.#revision = event.revision;
    this.#hub.publish(event);
  }

  /** Forgets the events that the history need not keep any more, and returns them. */
  trim(): StoreEvent[] {
    return this.#histories.trim(this.#clock.now());
  }

  compact(revision: number): StoreEvent[] {
    return this.#histories.compact(Math.min(revision, this.#revision));
  }

  /** Ends the watches. */
  close(): void {
    this.#hub.close();
  }
}
