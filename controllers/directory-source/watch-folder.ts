import { watch } from "chokidar";

/** Calls `changed` when anything in the folder, or the folder itself, may have changed. Resolves the unsubscription when it watches. */
export async function watchFolder(
  directory: string,
  on: { changed(): void; failed(error: unknown): void },
): Promise<() => Promise<void>> {
  // Links that lead out of the folder are not followed by the reader; their targets need no watching either.
  const watcher = watch(directory, { ignoreInitial: true, followSymlinks: false, ignorePermissionErrors: true });
  watcher.on("all", () => on.changed());
  watcher.on("error", (error: unknown) => on.failed(error));
  await new Promise<void>((resolve) => {
    watcher.once("ready", () => resolve());
    watcher.once("error", () => resolve());
  });
  return () => watcher.close();
}
