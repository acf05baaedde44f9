import type { Copy, NamedCopy } from "./copy.ts";

/** What the daemon notes of a home, in its `home.json`. */
export interface HomeNote extends NamedCopy {
  /** RFC 3339. */
  createdAt: string;
  /** The Instance that uses it. Absent: nobody does. */
  instance?: string;
  /** RFC 3339: since when nobody uses it. */
  releasedAt?: string;
  /** Only a person removes it. */
  isRetained?: boolean;
}

/** The homes that no Instance uses: who decides over them knows which Processes there are. */
export interface Homes {
  /** All of them, or that of one copy. */
  unused(copy?: Copy): HomeNote[];
  /** From here on it stays until somebody removes it by hand: the store knows nothing of its Process, and may be older than the home. */
  retain(home: HomeNote): void;
  /** Removes it with all that is in it. */
  remove(copy: Copy): Promise<void>;
}
