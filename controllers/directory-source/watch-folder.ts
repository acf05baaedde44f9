import { dirname } from "node:path";
import { type ChokidarOptions, type FSWatcher, watch } from "chokidar";
import { Semaphore } from "../../lib/semaphore.ts";
import type { SourceListener } from "../source/reader.ts";
import { type Route, routeTo } from "./route.ts";

/**
 * Calls `changed` when something in the folder, the folder itself, or a link on the path to it may have changed. Resolves with the unsubscription
 * when it watches.
 */
export async function watchFolder(directory: string, on: SourceListener): Promise<() => Promise<void>> {
  const watching = new FolderWatch(directory, on);
  await watching.look();
  return () => watching.close();
}

/** Watches where a path leads now, and every link on it, because tools like git-sync exchange a link instead of files. */
class FolderWatch {
  readonly #directory: string;
  readonly #on: SourceListener;
  readonly #turns = new Semaphore(1);
  #route = "";
  #watchers: FSWatcher[] = [];
  #isClosed = false;

  constructor(directory: string, on: SourceListener) {
    this.#directory = directory;
    this.#on = on;
  }

  /** Finds out where the path leads now; only if that has changed, other places are watched. One call works at a time. */
  look(): Promise<void> {
    return this.#turns.run(() => this.#look());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turns.run(() => this.#closeAll());
  }

  async #look(): Promise<void> {
    const route = await routeTo(this.#directory);
    const written = JSON.stringify(route);
    if (this.#isClosed || written === this.#route) return;
    const isFirst = this.#route === "";
    this.#route = written;
    await this.#closeAll();
    await this.#watch(route);
    if (isFirst) return;
    this.#on.changed();
    // It may have been exchanged again before the new watches stood.
    void this.look();
  }

  async #watch({ links, real }: Route): Promise<void> {
    const relevant = new Set(links);
    const folders = new Set(links.map((link) => dirname(link)));
    await Promise.all([
      // Links that lead out of the folder are not followed by the reader; their targets need no watching either.
      this.#open(real, {}),
      ...[...folders].map((folder) =>
        this.#open(folder, { depth: 0, ignored: (path) => path !== folder && !relevant.has(path) }),
      ),
    ]);
  }

  async #open(path: string, options: ChokidarOptions): Promise<void> {
    const watcher = watch(path, {
      ...options,
      ignoreInitial: true,
      followSymlinks: false,
      ignorePermissionErrors: true,
    });
    this.#watchers.push(watcher);
    watcher.on("all", () => {
      this.#on.changed();
      void this.look();
    });
    watcher.on("error", (error: unknown) => this.#on.failed(error));
    await new Promise<void>((resolve) => {
      watcher.once("ready", () => resolve());
      watcher.once("error", () => resolve());
    });
  }

  async #closeAll(): Promise<void> {
    await Promise.all(this.#watchers.splice(0).map((watcher) => watcher.close()));
  }
}
