import { relative } from "node:path";
import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";

interface FileResult {
  passed: number;
  skipped: string[];
  failures: string[];
  output: string;
}

/** More than this of a failing file's output helps nobody. */
const OUTPUT_LIMIT = 64 * 1024;

/** Counts tests (not suites); one line per file when it is good, every failure and the file's output when it is not. */
export class Report {
  #passed = 0;
  #failed = 0;
  #tests = 0;
  #files = new Map<string, FileResult>();
  /** Of tests that stand in no test file: a contract suite is written once and run by several. Node tells of one file after the other. */
  #shared = freshResult();
  #failures: string[] = [];

  get isGood(): boolean {
    return this.#failed === 0 && this.#tests > 0;
  }

  add({ passed, failed }: { passed: number; failed: number }): void {
    this.#passed += passed;
    this.#failed += failed;
  }

  see({ type, data }: TestEvent): void {
    switch (type) {
      case "test:pass":
        this.#onPass(data);
        break;
      case "test:fail":
        this.#onFail(data);
        break;
      case "test:stdout":
      case "test:stderr":
        this.#file(data.file).output += data.message;
        break;
      case "test:summary":
        if (data.file !== undefined) this.#onFileEnd(data.file, data.duration_ms);
    }
  }

  /** The last thing on stdout, for people and for machines. */
  print(): void {
    for (const file of this.#files.keys()) this.#onFileEnd(file);
    if (this.#shared.passed + this.#shared.failures.length > 0) this.#onFileEnd("unknown file");
    if (this.#failures.length > 0) console.error(["", "failed:", ...this.#failures].join("\n  "));
    if (this.#tests === 0) {
      console.error("FAIL no test was run");
      this.#failed += 1;
    }
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
  }

  #onPass({ file, name, skip, details }: TestData): void {
    if (details.type === "suite") return;
    if (skip !== undefined && skip !== false) {
      this.#file(file).skipped.push(`${name}${typeof skip === "string" ? ` (${skip})` : ""}`);
      return;
    }
    this.#file(file).passed += 1;
    this.#tests += 1;
    this.#passed += 1;
  }

  #onFail({ file, name, details }: TestData): void {
    const { error } = details;
    // A suite fails with its tests; those have been counted.
    if (error?.failureType === "subtestsFailed") return;
    this.#file(file).failures.push(`  ✖ ${name}\n${indent(describe(error?.cause ?? error))}`);
    this.#failures.push(`${file === undefined ? "" : `${relative(process.cwd(), file)}: `}${name}`);
    this.#tests += 1;
    this.#failed += 1;
  }

  /** A file that could not even be loaded has no summary of its own; `print` ends it. */
  #onFileEnd(file: string, durationMs?: number): void {
    const { passed, skipped, failures, output } = joined(this.#file(file), this.#shared);
    this.#files.delete(file);
    this.#shared = freshResult();
    const notes = skipped.length > 0 ? `, skipped: ${skipped.join("; ")}` : "";
    const time = durationMs === undefined ? "" : ` (${(durationMs / 1000).toFixed(1)} s)`;
    const verdict = failures.length > 0 ? "FAIL" : "ok  ";
    console.error(`${verdict} ${relative(process.cwd(), file)}: ${passed} passed${notes}${time}`);
    for (const failure of failures) console.error(failure);
    if (failures.length > 0 && output !== "") console.error(indent(`output:\n${output.slice(-OUTPUT_LIMIT)}`));
  }

  #file(file: string | undefined): FileResult {
    if (file === undefined || !file.endsWith(".test.ts")) return this.#shared;
    const known = this.#files.get(file);
    if (known) return known;
    const fresh = freshResult();
    this.#files.set(file, fresh);
    return fresh;
  }
}

const freshResult = (): FileResult => ({ passed: 0, skipped: [], failures: [], output: "" });

const joined = (own: FileResult, shared: FileResult): FileResult => ({
  passed: own.passed + shared.passed,
  skipped: [...own.skipped, ...shared.skipped],
  failures: [...own.failures, ...shared.failures],
  output: own.output + shared.output,
});

interface TestData {
  file?: string | undefined;
  name: string;
  skip?: string | boolean | undefined;
  details: { type?: string | undefined; error?: (Error & { failureType?: string }) | undefined };
}

/** Without the frames inside Node, which are the same for every test. */
function describe(error: unknown): string {
  const text = error instanceof Error ? `${error.stack}` : inspect(error);
  const cause = error instanceof Error && error.cause !== undefined ? `\ncause: ${describe(error.cause)}` : "";
  return text.replaceAll(/^ +at .*\(?node:internal.*\n?/gm, "") + cause;
}

const indent = (text: string): string => text.replaceAll(/^/gm, "    ");
