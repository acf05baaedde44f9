import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Load } from "../supervisor.ts";
import { Wctl } from "../wctl-supervisor.ts";
import type { Command, Managed } from "./peer.ts";

/** What is edited is one more than those in the folder of manifests: applied by hand, as with the others. */
export class WctlPeer extends Wctl implements Managed {
  #count = 0;

  protected override prepare(load: Load): void {
    this.#count = load.count;
    super.prepare(load);
  }

  status(): Command {
    return { file: this.program, args: ["get", "processes"], env: this.env };
  }

  edit(label: string): Command[] {
    const file = join(this.directory, "changed.yaml");
    writeFileSync(file, this.manifest(this.#count, { count: this.#count }, label));
    return [{ file: this.program, args: ["apply", "-f", file], env: this.env }];
  }
}
