import type { Stored } from "../../api/object.ts";
import type { StoreEvent } from "../store.ts";

/** Beside the JSON: references, positions, the row's own columns. */
const OVERHEAD = 200;

/** The length of the JSON of each Object, for as long as somebody keeps the Object. */
export class Sizes {
  readonly #lengths = new WeakMap<Stored, number>();

  set(object: Stored, length: number): void {
    this.#lengths.set(object, length);
  }

  /** The cost of keeping the event: the larger of the new Object and the one it replaced, which only the event may still hold. */
  of({ type, object, previous }: StoreEvent): number {
    const came = type === "DELETED" ? 0 : this.#length(object);
    return OVERHEAD + Math.max(came, previous ? this.#length(previous) : 0);
  }

  #length(object: Stored): number {
    const known = this.#lengths.get(object);
    if (known !== undefined) return known;
    const length = JSON.stringify(object).length;
    this.#lengths.set(object, length);
    return length;
  }
}
