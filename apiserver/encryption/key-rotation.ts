import { StatusError } from "../../api/errors.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { KeyRing } from "./key-ring.ts";

/** What a rotation needs of the Store. */
export interface Rewriter {
  readonly health: { ok: true } | { ok: false; message: string };
  /** Resolves when no record of another key than the one that writes is left; with how many there were. */
  rewrite(): Promise<number>;
}

/** The answer to a request for a rotation: what was done, or with `dryRun` what the keys are now. It has no key in it. */
export interface RotationReport {
  kind: "SecretKeyRotation";
  apiVersion: "wctl.dev/v1";
  dryRun: boolean;
  /** The key that writes. */
  key: { id: string; created: string };
  /** Records written anew, those of the history too. */
  rewritten: number;
  /** Ids of the keys that are not needed any more and are gone from the file. */
  removed: string[];
}

/**
 * A new key, everything written anew under it, the old ones away: in this order, each step durable before the next, so that at every moment every
 * record has its key. What a dead daemon left half done is finished by `finishInterrupted` at the next start, or by the next rotation.
 */
export class KeyRotation {
  readonly #ring: KeyRing;
  readonly #store: Rewriter;
  readonly #clock: Pick<Clock, "wall">;
  readonly #logger: Logger;
  #isRotating = false;

  constructor(options: { ring: KeyRing; store: Rewriter; clock: Pick<Clock, "wall">; logger: Logger }) {
    this.#ring = options.ring;
    this.#store = options.store;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /** After the Store was opened, which wrote what was stale: old keys go. */
  async finishInterrupted(): Promise<void> {
    if (this.#ring.keys.length > 1) await this.#finish();
  }

  /**
   * Rejects with ServiceUnavailable when the Store takes no writes, or something could not be written: then every key that is needed is kept,
   * and asking again goes on. With Conflict while another rotation is in progress.
   */
  async rotate({ dryRun }: { dryRun: boolean }): Promise<RotationReport> {
    const { health } = this.#store;
    if (!health.ok) throw new StatusError("ServiceUnavailable", health.message);
    if (this.#isRotating)
      throw new StatusError("Conflict", "another rotation of the key of the Secrets is in progress");
    if (dryRun) return this.#report({ dryRun, rewritten: 0, removed: [] });
    this.#isRotating = true;
    try {
      await this.#ring.add(this.#clock.wall());
      return this.#report({ dryRun, ...(await this.#finish()) });
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause);
      throw new StatusError(
        "ServiceUnavailable",
        `the key was not changed everywhere: ${said}. Nothing is lost; ask again`,
        {
          cause,
        },
      );
    } finally {
      this.#isRotating = false;
    }
  }

  async #finish(): Promise<{ rewritten: number; removed: string[] }> {
    const rewritten = await this.#store.rewrite();
    const removed = await this.#ring.retire();
    this.#logger.info("the key of the Secrets was changed", { key: this.#ring.primary.id, rewritten, removed });
    return { rewritten, removed };
  }

  #report(done: Pick<RotationReport, "dryRun" | "rewritten" | "removed">): RotationReport {
    const { id, created } = this.#ring.primary;
    return { kind: "SecretKeyRotation", apiVersion: "wctl.dev/v1", key: { id, created }, ...done };
  }
}
