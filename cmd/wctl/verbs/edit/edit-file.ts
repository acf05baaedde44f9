import { randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The file that the editor is given. Only its user may read it, since it may be a Secret. */
export class EditFile {
  readonly path: string;

  constructor(extension: "yaml" | "json") {
    this.path = join(tmpdir(), `wctl-edit-${randomBytes(6).toString("hex")}.${extension}`);
  }

  /** Never through a link that somebody else has put there. */
  async write(text: string): Promise<void> {
    await this.remove();
    await writeFile(this.path, text, { mode: 0o600, flag: "wx" });
  }

  read(): Promise<string> {
    return readFile(this.path, "utf8");
  }

  remove(): Promise<void> {
    return rm(this.path, { force: true });
  }
}
