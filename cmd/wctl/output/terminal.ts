import type { Readable } from "node:stream";

/** Where a verb reads what the user types while it runs; tests hand in their own. */
export interface Terminal {
  readonly input: Readable;
  /** Somebody types there. */
  readonly isTTY: boolean;
  size(): { columns: number; rows: number };
  /** Keys arrive as they are pressed, Ctrl-C too, and are not shown; or as ever. */
  raw(on: boolean): void;
  /** Returns the end of it. */
  onResize(listener: () => void): () => void;
  /** Nothing more is read: the program may end. */
  release(): void;
}
