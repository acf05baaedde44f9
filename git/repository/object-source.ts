export type ObjectType = "commit" | "tree" | "blob";

/** Objects of one local copy, each checked against its name. */
export interface ObjectSource {
  /** Rejects with GitError when it is not there, of another type, or damaged. */
  read(oid: string, type: ObjectType): Promise<Uint8Array>;
}
