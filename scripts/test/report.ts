import type { FileResult } from "./test-file.ts";

export interface Counts {
  passed: number;
  failed: number;
  /** What failed, for the list at the end. */
  failures?: readonly string[];
}

/** Output of a failing file is cut to this: more does not help the reader. */
const OUTPUT_LIMIT = 64 * 1024;

/** Counts tests (not suites); one line per file when it is good, every failure and the file's output when it is not. */
export class Report {
  readonly results: FileResult[] = [];
  #passed = 0;
  #failed = 0;
  #failures: string[] = [];
  readonly #console: Pick<Console, "error" | "log">;

  constructor(to: Pick<Console, "error" | "log"> = console) {
    this.#console = to;
  }

  get isGood(): boolean {
    return this.#failed === 0 && this.results.some(({ passed }) => passed > 0);
  }

  add({ passed, failed, failures = [] }: Counts): void {
    this.#passed += passed;
    this.#failed += failed;
    this.#failures.push(...failures);
  }

  see(result: FileResult): void {
    const { file, passed, skipped, failures, output, seconds } = result;
    this.results.push(result);
    this.add({ passed, failed: failures.length, failures: failures.map(({ name }) => `${file}: ${name}`) });
    const notes = skipped.map(({ name, reason }) => `${name}${reason === "" ? "" : ` (${reason})`}`);
    const verdict = failures.length > 0 ? "FAIL" : "ok  ";
    const skips = notes.length > 0 ? `, skipped: ${notes.join("; ")}` : "";
    this.#console.error(`${verdict} ${file}: ${passed} passed${skips} (${seconds.toFixed(1)} s)`);
    for (const { name, error } of failures) this.#console.error(`  ✖ ${name}\n${indent(error)}`);
    if (failures.length > 0 && output !== "") this.#console.error(indent(`output:\n${output.slice(-OUTPUT_LIMIT)}`));
  }

  /** The last thing on stdout, for people and for machines. */
  print(): void {
    if (this.#failures.length > 0) this.#console.error(["", "failed:", ...this.#failures].join("\n  "));
    if (this.results.every(({ passed, failures }) => passed + failures.length === 0)) {
      this.#console.error("FAIL no test was run");
      this.#failed += 1;
    }
    this.#console.log(`${this.#passed} passed, ${this.#failed} failed`);
  }
}

const indent = (text: string): string => text.replaceAll(/^/gm, "    ");
