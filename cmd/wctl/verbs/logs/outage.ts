import type { Context } from "../../command/command.ts";
import { line } from "../../output/output.ts";

/** Tells people once that the daemon does not answer, and once that it does again, however many followers meet it. */
export class Outage {
  readonly #err: Context["err"];
  #isOn = false;

  constructor({ err }: Pick<Context, "err">) {
    this.#err = err;
  }

  async begin(error: unknown): Promise<void> {
    if (this.#isOn) return;
    this.#isOn = true;
    const why = error instanceof Error ? error.message : String(error);
    await line(this.#err, `waiting for the daemon, and going on where it was: ${why}`);
  }

  over(): void {
    if (this.#isOn) void line(this.#err, "the daemon answers again");
    this.#isOn = false;
  }
}
