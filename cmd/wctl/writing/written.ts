import type { KubeObject } from "../../../api/object.ts";
import { line, type Output } from "../output/output.ts";

/** `-o` of verbs that write. */
export type WrittenFormat = "name" | "yaml" | "json" | undefined;

/** One object that was written: what is said of it, and what it is called. */
export interface Written {
  object: KubeObject;
  /** `process.wctl.dev/web`. */
  name: string;
  /** `process.wctl.dev/web created`. */
  message: string;
}

/** Says of each written object what happened, at once; or prints the objects themselves, in the end, when `-o` wants them. */
export class WrittenPrinter {
  readonly #out: Output;
  readonly #format: WrittenFormat;
  readonly #objects: KubeObject[] = [];

  constructor(out: Output, format: WrittenFormat) {
    this.#out = out;
    this.#format = format;
  }

  async add({ object, name, message }: Written): Promise<void> {
    if (this.#format === "json" || this.#format === "yaml") this.#objects.push(object);
    else await line(this.#out, this.#format === "name" ? name : message);
  }

  async end(): Promise<void> {
    const [only, ...more] = this.#objects;
    if (!only || (this.#format !== "json" && this.#format !== "yaml")) return;
    const { printObjects } = await import("../printers/print-objects.ts");
    const options = { single: more.length === 0 };
    await this.#out.write(await printObjects({ kind: this.#format }, this.#objects, options));
  }
}
