import { randomBytes } from "node:crypto";
import type { HomeNote } from "../../../runtime/homes/homes.ts";

/** So many are remembered; of what is older only its revision counts. */
const MOST = 100;

/** What is remembered of them. */
export interface Sessions {
  /** Of this store: a restored one gets another. */
  id: string;
  /** The number of the first one in `from`. */
  first: number;
  /** The revision of the store at which each session began. */
  from: readonly number[];
}

/**
 * The times that daemons had the store open, in a small file beside it: so a store that was put back to an older state is told from the one that knew a
 * home, however far it has been written since. A session ends where the next one begins; what was noted in it above that revision is of a past that was
 * undone. A restored data directory has no such file, and begins anew: it knows none of the homes that are brought to it.
 */
export class StoreSessions {
  readonly #sessions: Sessions;

  /** Begins a session at this revision of the store, after those that were `before`. */
  constructor(before: Sessions | undefined, revision: number) {
    this.#sessions = nextOf(before, revision);
  }

  /** To be remembered. */
  get sessions(): Sessions {
    return this.#sessions;
  }

  /** Names the present session. */
  get current(): string {
    return `${this.#sessions.id}/${this.#last}`;
  }

  /** Whether this store has seen what was noted of a home. `now`: its revision. */
  knows({ store, revision }: Pick<HomeNote, "store" | "revision">, now: number): boolean {
    if (store === undefined) return revision <= now; // Noted by a version that had no sessions.
    const [id, number] = [store.slice(0, store.indexOf("/")), Number(store.slice(store.indexOf("/") + 1))];
    const { id: own, first, from } = this.#sessions;
    if (id !== own || !Number.isInteger(number) || number < 1 || number > this.#last) return false;
    const end = from[Math.max(0, number + 1 - first)];
    return end === undefined || revision <= end;
  }

  get #last(): number {
    return this.#sessions.first + this.#sessions.from.length - 1;
  }
}

function nextOf(before: Sessions | undefined, revision: number): Sessions {
  const { id, first, from } = before ?? { id: randomBytes(8).toString("hex"), first: 1, from: [] };
  const gone = Math.max(0, from.length + 1 - MOST);
  return { id, first: first + gone, from: [...from.slice(gone), revision] };
}
