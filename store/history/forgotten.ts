import type { Path, StoreEvent } from "../store.ts";

/**
 * How far back a history reaches, for each kind: to the newest event of the kind that it has forgotten. So a watch of a quiet kind can resume, and
 * its list can go on, however much others write meanwhile.
 */
export class Forgotten {
  /** Of every kind. */
  #all: number;
  readonly #byKind = new Map<Path, number>();

  /** Nothing is known of what happened up to `all`. */
  constructor(all: number) {
    this.#all = all;
  }

  /** In revision order. */
  add(events: readonly StoreEvent[]): void {
    for (const { path, revision } of events) this.#byKind.set(kindOf(path) as Path, revision);
  }

  all(revision: number): void {
    this.#all = Math.max(this.#all, revision);
  }

  /** No event below `prefix` after this revision was forgotten. */
  below(prefix: Path): number {
    const kind = kindOf(prefix);
    if (kind !== undefined) return Math.max(this.#all, this.#byKind.get(kind) ?? 0);
    const those = [...this.#byKind].filter(([path]) => path.startsWith(prefix)).map(([, revision]) => revision);
    return Math.max(this.#all, ...those);
  }
}

/** `group/plural/`, the beginning of every path of a kind; undefined for a prefix of several kinds. */
function kindOf(path: Path): Path | undefined {
  const end = path.indexOf("/", path.indexOf("/") + 1);
  return end < 0 ? undefined : path.slice(0, end + 1);
}
