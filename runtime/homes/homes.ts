import type { Copy, NamedCopy } from "./copy.ts";

/** What the daemon notes of a home, in its `home.json`. */
export interface HomeNote extends NamedCopy {
  /** RFC 3339. */
  createdAt: string;
  /** It stays when another Process takes the home up. */
  id?: string;
  /** Windows: who may read and write all that is in it. */
  holder?: string;
  /** The Instance that uses it. Absent: nobody does. */
  instance?: string;
  /** RFC 3339: since when nobody uses it. */
  releasedAt?: string;
  /** Only a person removes it. */
  isRetained?: boolean;
}

/** The Process that homes belong to. */
export type HomeOwner = Pick<NamedCopy, "owner" | "namespace" | "process">;

export interface HomeSize {
  /** Runs whose output is kept. */
  runs: number;
  /** What its files take on the disk. */
  bytes: number;
  /** There are more files than were counted. */
  isPartial: boolean;
}

/** The homes of copies. Who decides over them knows which Processes there are. */
export interface Homes {
  all(): HomeNote[];
  /** Its path. */
  folder(copy: Copy): string;
  /** Those that no Instance uses. It looks in slices, so that other work goes on, and reads only notes that have changed since it looked last. */
  unused(): Promise<HomeNote[]>;
  /** Undefined: there is none of this copy, or an Instance uses it. */
  unusedOf(copy: Copy): HomeNote | undefined;
  /** Whether this owner has any. */
  has(owner: string): boolean;
  /** From here on it stays until somebody removes it by hand: the store knows nothing of its Process, and may be older than the home. */
  retain(home: HomeNote): void;
  /** Whether the homes of this owner outlive it; a later Process of its name takes them up. It is written down. */
  setOutliving(owner: HomeOwner, isOutliving: boolean): void;
  /** Whether it is noted that the homes of this owner outlive it. */
  outlives(owner: string): boolean;
  /** The owners whose homes outlive them, whether or not they are still there. */
  outlived(): HomeOwner[];
  /** Removes it with all that is in it. Resolves with false when an Instance uses it, or is about to. */
  remove(copy: Copy): Promise<boolean>;
  /** Removes the rest of homes whose removal an earlier daemon had begun. */
  finishRemovals(): Promise<void>;
  /** There is no room on their disk for what a program writes next. False where the system does not tell. */
  isDiskFull(): boolean;
  /** Walks through what is in it, beside the event loop, and follows no links. `most`: entries that are looked at. */
  measure(copy: Copy, most: number): Promise<HomeSize>;
}
