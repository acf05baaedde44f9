import type { JsonObject } from "../../lib/json-object.ts";
import type { Dice } from "./dice.ts";

export interface SeenObject extends JsonObject {
  metadata: JsonObject & { name: string; namespace?: string; uid?: string; resourceVersion?: string };
}

const MOST_SEEN = 300;
const MOST_TOKENS = 30;

/** What the answers so far have shown, so that later requests can speak of it. The oldest are forgotten. */
export class Made {
  /** By the whole path. */
  readonly #objects = new Map<string, SeenObject>();
  readonly #tokens: string[] = [];

  saw(path: string, object: SeenObject): void {
    this.#objects.delete(path);
    this.#objects.set(path, object);
    const [oldest] = this.#objects.keys();
    if (this.#objects.size > MOST_SEEN && oldest !== undefined) this.#objects.delete(oldest);
  }

  forget(path: string): void {
    this.#objects.delete(path);
  }

  sawToken(token: string): void {
    this.#tokens.push(token);
    if (this.#tokens.length > MOST_TOKENS) this.#tokens.shift();
  }

  at(path: string): SeenObject | undefined {
    return this.#objects.get(path);
  }

  /** The paths of those that are in it. */
  below(collection: string): string[] {
    return [...this.#objects.keys()].filter(
      (path) => path.startsWith(`${collection}/`) && !path.includes("/", collection.length + 1),
    );
  }

  any(dice: Dice): SeenObject | undefined {
    return this.#objects.size === 0 ? undefined : dice.pick([...this.#objects.values()]);
  }

  token(dice: Dice): string {
    return this.#tokens.length === 0 ? "fz" : dice.pick(this.#tokens);
  }
}
