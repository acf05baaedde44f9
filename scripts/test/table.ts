import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { FileResult } from "./test-file.ts";

/** A run of all tests, as `latest.json` keeps it. Seconds by the clock. */
export interface Kept {
  /** RFC 3339. */
  endedAt: string;
  seconds: number;
  files: KeptFile[];
}

export interface KeptFile
  extends Pick<FileResult, "file" | "passed" | "skipped" | "tests" | "seconds" | "processorSeconds"> {
  /** `linux`, `wine` or `windows`: what ran it. */
  lane: string;
  failed: string[];
}

/** Of a file's tests the slowest are kept. */
const TESTS_OF_A_FILE = 5;

export function kept(lane: string, result: FileResult): KeptFile {
  const { file, passed, skipped, tests, seconds, processorSeconds, failures } = result;
  const slowest = [...tests].sort((a, b) => b.seconds - a.seconds).slice(0, TESTS_OF_A_FILE);
  const failed = failures.map(({ name }) => name);
  return { lane, file, passed, skipped, tests: slowest, seconds, processorSeconds, failed };
}

/** Undefined when there was no run yet, or none that this version can read. */
export function readKept(path: string): Kept | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Kept;
  } catch {
    return undefined;
  }
}

/** Lines of JSON, a file's result each; none where there is no such file, nor of a line that was cut off. */
export function readLines(path: string): KeptFile[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as KeptFile);
}

/** Two files, `PATH.json` for programs and `PATH.md` for people. */
export function keep(path: string, run: Kept, before: Kept | undefined): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.json`, `${JSON.stringify(run, undefined, 1)}\n`);
  writeFileSync(`${path}.md`, tableOf(run, before));
}

/** Seconds by file, of one lane. */
export function secondsOf(run: Kept | undefined, lane: string): Map<string, number> {
  return new Map(run?.files.filter((file) => file.lane === lane).map(({ file, seconds }) => [file, seconds]));
}

/** Seconds by lane and file. */
const secondsOfAll = (run: Kept | undefined): Map<string, number> =>
  new Map(run?.files.map((file) => [nameOf(file), file.seconds]));

const nameOf = ({ lane, file }: Pick<KeptFile, "lane" | "file">): string => `${lane} ${file}`;

/** A file that takes twice as long as in the run before, and not only a moment longer. */
export function slower(run: Kept, before: Kept | undefined): { name: string; seconds: number; before: number }[] {
  const known = secondsOfAll(before);
  return run.files.flatMap((file) => {
    const then = known.get(nameOf(file));
    const isSlower = then !== undefined && file.seconds >= 2 * then && file.seconds - then >= 2;
    return isSlower ? [{ name: nameOf(file), seconds: file.seconds, before: then }] : [];
  });
}

export function slowestTests({ files }: Kept, count: number): { name: string; seconds: number }[] {
  return files
    .flatMap((file) => file.tests.map(({ name, seconds }) => ({ name: `${nameOf(file)}: ${name}`, seconds })))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, count);
}

function tableOf(run: Kept, before: Kept | undefined): string {
  const known = secondsOfAll(before);
  const dearest = [...run.files].sort((a, b) => b.processorSeconds - a.processorSeconds || b.seconds - a.seconds);
  const failed = run.files.flatMap((file) => file.failed.map((name) => [nameOf(file), name]));
  const skipped = run.files.flatMap((file) => file.skipped.map(({ name, reason }) => [nameOf(file), name, reason]));
  return [
    `# Test results of ${run.endedAt}`,
    `${run.files.length} files, ${sum(run.files.map(({ passed }) => passed))} tests passed, ${failed.length} failed, ${seconds(run.seconds)} s, ${seconds(sum(run.files.map(({ processorSeconds }) => processorSeconds)))} s of the processor.`,
    ...section("Failed", ["file", "test"], failed),
    ...section(
      "Twice as slow as in the run before",
      ["file", "seconds", "before"],
      slower(run, before).map((file) => [file.name, seconds(file.seconds), seconds(file.before)]),
    ),
    ...section(
      "The slowest tests",
      ["test", "seconds"],
      slowestTests(run, 30).map((test) => [test.name, seconds(test.seconds)]),
    ),
    ...section(
      "Files, seconds",
      ["file", "passed", "of the processor", "by the clock", "before"],
      dearest.map((file) => [
        nameOf(file),
        `${file.passed}`,
        seconds(file.processorSeconds),
        seconds(file.seconds),
        seconds(known.get(nameOf(file))),
      ]),
    ),
    ...section("Skipped", ["file", "test", "why"], skipped),
    "",
  ].join("\n\n");
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, number) => all + number, 0);
const seconds = (value: number | undefined): string => value?.toFixed(1) ?? "";

function section(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [`## ${title}`, [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n")];
}
