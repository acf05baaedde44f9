import { parseCommit } from "./commit.ts";
import { parseTree } from "./git-object.ts";
import type { ObjectSource } from "./object-source.ts";
import type { ObjectStore } from "./push/make-commit.ts";

type ObjectType = "commit" | "tree" | "blob";

export interface CarriedInto extends ObjectStore {
  has(oid: string, type: ObjectType): Promise<boolean>;
}

const FOLDER = "40000";
const SUBMODULE = "160000";

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
