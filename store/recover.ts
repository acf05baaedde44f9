import type { Stored } from "../api/object.ts";
import { stamp } from "./decide-write.ts";
import { Sizes } from "./history/sizes.ts";
import type { Recovered } from "./journal.ts";
import type { Path, StoreEvent } from "./store.ts";
import { shareStructure } from "./structural-sharing.ts";

export interface Contents {
  revision: number;
  compacted: number;
  objects: Map<Path, Stored>;
  /** Those after `compacted`, and earlier ones that still have something on the disk. */
  events: StoreEvent[];
  sizes: Sizes;
}

export const nothing = (): Contents => ({
  revision: 0,
  compacted: 0,
  objects: new Map(),
  events: [],
  sizes: new Sizes(),
});

/** Plays the versions back into `contents`, in order: they give the current Objects, and the events. */
export async function recover(contents: Contents, { revision, compacted, versions }: Recovered): Promise<void> {
  contents.revision = revision;
  contents.compacted = compacted;
  for await (const batch of versions) {
    for (const [at, path, json] of batch) replay(contents, at, path, json);
  }
}

function replay(contents: Contents, revision: number, path: Path, json: string | null): void {
  const { objects, events, compacted, sizes } = contents;
  const previous = objects.get(path);
  if (json !== null) {
    const object = shareStructure<Stored>(JSON.parse(json), previous);
    sizes.set(object, json.length);
    objects.set(path, object);
    if (revision > compacted || previous) events.push(changed(revision, path, object, previous));
  } else if (previous) {
    objects.delete(path);
    events.push({ type: "DELETED", revision, path, object: stamp(previous, revision, previous), previous });
  }
}

const changed = (revision: number, path: Path, object: Stored, previous?: Stored): StoreEvent =>
  previous ? { type: "MODIFIED", revision, path, object, previous } : { type: "ADDED", revision, path, object };
