import { parseCommit } from "./commit.ts";
import { FOLDER, parseTree, SUBMODULE } from "./git-object.ts";
import type { ObjectSource, ObjectType } from "./object-source.ts";
import type { ObjectStore } from "./push/make-commit.ts";

export interface CarriedInto extends ObjectStore {
  has(oid: string, type: ObjectType): Promise<boolean>;
}

/**
 * Copies a commit with all its files. What an object leads to is written before it, so where it is, everything below is too. Rejects when something of it is
 * not whole.
 */
export async function carryOver(from: ObjectSource, to: CarriedInto, oid: string): Promise<void> {
  const carry = async (oid: string, type: ObjectType): Promise<void> => {
    if (await to.has(oid, type)) return;
    const content = await from.read(oid, type);
    if (type === "commit") await carry(parseCommit(oid, content).tree, "tree");
    if (type === "tree") {
      for (const entry of parseTree(content)) {
        if (entry.mode !== SUBMODULE) await carry(entry.oid, entry.mode === FOLDER ? "tree" : "blob");
      }
    }
    await to.write(type, content);
  };
  await carry(oid, "commit");
}
