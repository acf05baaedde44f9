import { Budget, type Copies } from "./budget.ts";
import type { Fields } from "./fields.ts";

/** What one build costs. Each method throws ManifestError, at the fields that ask for it, when that is too much. */
export class Spending {
  readonly budget = new Budget();

  folder(fields: Fields): void {
    this.#refuse(fields, this.budget.folder());
  }

  /** `characters` are put into each of `objects` Objects. */
  added(fields: Fields, characters: number, objects = 1): void {
    this.#refuse(fields, this.budget.added(characters, objects));
  }

  comparisons(fields: Fields, count: number): void {
    this.#refuse(fields, this.budget.comparisons(count));
  }

  copiesFor(fields: Fields): Copies {
    return (members) => this.#refuse(fields, this.budget.copied(members));
  }

  #refuse(fields: Fields, refused: string | undefined): void {
    if (refused !== undefined) throw fields.refuse("", refused);
  }
}
