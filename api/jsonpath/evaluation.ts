import { isObject, type JsonObject } from "../../lib/json-object.ts";
import { JsonPathError } from "./json-path-error.ts";
import type { Step } from "./steps.ts";

/** Values looked at by one evaluation. */
const MAX_WORK = 2_000_000;

/** What the steps of expressions lead to, all of them within one amount of work. */
export class Evaluation {
  #strict: boolean;
  #work = 0;

  /** Strict: an index beyond the end of a list is an error, as in kubectl's templates. */
  constructor(strict: boolean) {
    this.#strict = strict;
  }

  walk(values: unknown[], steps: readonly Step[]): unknown[] {
    let current = values;
    for (const step of steps) {
      this.#spend(current.length + 1);
      current = this.#take(current, step);
    }
    return current;
  }

  #spend(work: number): void {
    this.#work += work;
    if (this.#work > MAX_WORK) throw new JsonPathError("the expression looks at too many values");
  }

  #take(values: unknown[], step: Step): unknown[] {
    switch (step.do) {
      case "literal":
        return [step.value];
      case "field":
        return values
          .filter((value) => isObject(value) && Object.hasOwn(value, step.name))
          .map((value) => (value as JsonObject)[step.name]);
      case "all":
        return this.#each(values, children);
      case "descend":
        return this.#each(values, (value) => this.#descend(value));
      case "slice":
        return this.#each(values, (value) => this.#slice(value, step));
      case "union":
        return this.#each(values, (value) => step.of.flatMap((part) => this.walk([value], part)));
      case "filter":
        return this.#each(values, (value) => children(value).filter((item) => this.#passes(item, step)));
    }
  }

  #each(values: unknown[], take: (value: unknown) => unknown[]): unknown[] {
    const taken: unknown[] = [];
    for (const value of values) {
      const some = take(value);
      this.#spend(some.length);
      for (const one of some) taken.push(one);
    }
    return taken;
  }

  /** The maps and lists in a value that have something in them, itself first. Any depth: no recursion. */
  #descend(value: unknown): unknown[] {
    const found: unknown[] = [];
    const waiting = [value];
    while (waiting.length > 0) {
      const one = waiting.pop();
      const inside = children(one);
      this.#spend(1);
      if (inside.length === 0) continue;
      found.push(one);
      for (let index = inside.length - 1; index >= 0; index--) waiting.push(inside[index]);
    }
    return found;
  }

  #slice(value: unknown, { start = 0, end, step = 1 }: Extract<Step, { do: "slice" }>): unknown[] {
    if (!Array.isArray(value)) {
      if (this.#strict && value !== null && value !== undefined) throw new JsonPathError("value is not array or slice");
      return [];
    }
    if (step <= 0) throw new JsonPathError("step must be > 0");
    const { length } = value;
    const from = start < 0 ? start + length : start;
    const to = end === undefined ? length : end < 0 ? end + length : end;
    if (this.#strict && from !== to) {
      if (from >= length || from < 0) throw outOfBounds(from, length);
      if (to > length || to < 0) throw outOfBounds(to - 1, length);
      if (from > to) throw new JsonPathError(`starting index ${from} is greater than ending index ${to}`);
    }
    if (from < 0) return [];
    const part = value.slice(from, Math.max(0, to));
    return step === 1 ? part : part.filter((_, index) => index % step === 0);
  }

  #passes(item: unknown, { left, compare, right }: Extract<Step, { do: "filter" }>): boolean {
    const lefts = this.walk([item], left);
    if (compare === undefined) return lefts.length > 0;
    const rights = this.walk([item], right);
    if (lefts.length > 1 || rights.length > 1) throw new JsonPathError("can only compare one element at a time");
    return lefts.length === 1 && rights.length === 1 && holds(lefts[0], compare, rights[0]);
  }
}

function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

/** Values of different types are never equal and have no order. */
function holds(left: unknown, compare: string, right: unknown): boolean {
  const comparable = typeof left === typeof right && (typeof left !== "object" || left === right);
  if (compare === "!=") return !comparable || left !== right;
  if (!comparable) return false;
  if (compare === "==") return left === right;
  if (typeof left === "boolean" || typeof left === "object") return false;
  const [a, b] = [left as number, right as number];
  return compare === "<" ? a < b : compare === "<=" ? a <= b : compare === ">" ? a > b : a >= b;
}

const outOfBounds = (index: number, length: number): JsonPathError =>
  new JsonPathError(`array index out of bounds: index ${index}, length ${length}`);
