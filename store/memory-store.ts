import { noJournal } from "./journal.ts";
import { JournaledStore, type StoreOptions } from "./journaled-store.ts";
import { nothing } from "./recover.ts";

/** The Store without a disk: all its promises except surviving the process. Tests may use it and trust it. */
export class MemoryStore extends JournaledStore {
  static async open(options: StoreOptions): Promise<MemoryStore> {
    return new MemoryStore(noJournal, nothing(), { ok: true }, options);
  }
}
