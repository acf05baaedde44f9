/** Objects of one local copy, each checked against its name. */
export interface ObjectSource {
  /** Rejects with GitError when it is not there, of another type, or damaged. */
  read(oid: string, type: "commit" | "tree" | "blob"): Promise<Uint8Array>;
}
