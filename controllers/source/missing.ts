import { fileOf } from "../../api/apply/source-marks.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Desired } from "./desired.ts";
import type { Made } from "./inventory.ts";
import type { ManifestFile } from "./reader.ts";

type Since = Map<string, { at: number; signature: string | undefined }>;

/** Since when each Object has been missing from the source. A file that is still being written starts the time over. */
export class Missing {
  readonly #clock: Clock;
  #since: Since = new Map();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  observe({ objects }: Desired, made: readonly Made[], files: readonly ManifestFile[]): void {
    const signatures = new Map(files.map(({ path, signature }) => [path, signature]));
    const since: Since = new Map();
    for (const { id, object } of made) {
      if (objects.has(id)) continue;
      const signature = signatures.get(fileOf(object) ?? "");
      const known = this.#since.get(id);
      since.set(id, known && known.signature === signature ? known : { at: this.#clock.now(), signature });
    }
    this.#since = since;
  }

  /** 0 for an Object that was not missing at the last look. */
  sinceMs(id: string): number {
    const known = this.#since.get(id);
    return known ? this.#clock.now() - known.at : 0;
  }
}
