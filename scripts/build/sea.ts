// What Node looks for in its own executable: https://nodejs.org/docs/latest-v22.x/api/single-executable-applications.html

/** The name of the blob: of a resource on Windows, of a note in ELF. */
export const BLOB_NAME = "NODE_SEA_BLOB";
/** Stands in the program with `:0` after it; `:1` tells Node that there is a blob. */
export const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/** Throws for a program that takes no blob. */
export function turnFuse(program: Buffer): void {
  const at = program.indexOf(`${FUSE}:0`);
  if (at < 0) throw new Error("this Node takes no blob: its fuse is not there, or turned already");
  program.write("1", at + FUSE.length + 1, "latin1");
}
