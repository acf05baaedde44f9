import { setImmediate } from "node:timers/promises";
import type { Decrypter } from "age-encryption";
import { MAX_BODY_BYTES } from "../limits.ts";
import { recipientsOf, withoutArmor } from "./age-header.ts";
import { parseIdentities } from "./identities.ts";
import { SealingError } from "./sealing-error.ts";

/** Of recipients with identities, for all that one Opener opens. One takes 0.4 ms, or 4 ms with post-quantum keys. */
const MAX_ATTEMPTS = 10_000;

/** Opens what is sealed for its identities, all that one reading of a source brings: there is an end to how much is tried. */
export class Opener {
  /** One for each identity. */
  readonly #decrypters: readonly Decrypter[];
  #attempts = 0;

  private constructor(decrypters: readonly Decrypter[]) {
    this.#decrypters = decrypters;
  }

  /** `texts`: the values of a Secret, each with one identity a line. Rejects with SealingError. */
  static async with(texts: readonly string[]): Promise<Opener> {
    const identities = parseIdentities(texts);
    const { Decrypter } = await import("age-encryption");
    const decrypterOf = (identity: string): Decrypter => {
      const decrypter = new Decrypter();
      try {
        decrypter.addIdentity(identity);
      } catch {
        throw new SealingError("an age identity is damaged: copy it whole");
      }
      return decrypter;
    };
    return new Opener(identities.map(decrypterOf));
  }

  /** An age file, armored or not. Rejects with SealingError. */
  async open(source: string | Uint8Array): Promise<Uint8Array> {
    const bytes = withoutArmor(source);
    this.#attempts += recipientsOf(bytes) * this.#decrypters.length;
    if (this.#attempts > MAX_ATTEMPTS) throw new SealingError("too much is sealed here, for too many recipients");
    for (const decrypter of this.#decrypters) {
      // Arithmetic of many milliseconds; others have their turn in between.
      await setImmediate();
      const opened = await decrypter.decrypt(bytes).catch(unlessForOthers);
      if (!opened) continue;
      if (opened.length > MAX_BODY_BYTES) throw new SealingError("what is sealed is too large: split it");
      return opened;
    }
    throw new SealingError("it is sealed for others: no identity of this host opens it");
  }
}

function unlessForOthers({ message }: Error): undefined {
  if (message.startsWith("no identity matched")) return undefined;
  throw new SealingError("the sealed text is damaged, or was changed after it was sealed");
}
