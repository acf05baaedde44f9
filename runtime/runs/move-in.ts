import { existsSync, mkdirSync, renameSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { namesIn } from "../../lib/names-in.ts";
import type { Copy } from "../homes/copy.ts";
import type { HomeKeeping } from "./home-keeping.ts";

/**
 * Moves what a version before 0.2 kept in the Instance's own folder into the home of its copy: the logs, then `work`. Each step is a rename or an
 * append, and is left out when it was done before; so the next call finishes what a killed daemon has begun. What the home has already stays: only a
 * version before 0.2 that ran in between can have left both, and its part goes with the Instance.
 */
export function moveIn(keeping: HomeKeeping, uid: string, copy: Copy): void {
  for (const step of stepsOf(keeping, uid, copy)) step();
}

/** In their order; what is left to do is looked for after each of them. */
export function* stepsOf({ files, records }: HomeKeeping, uid: string, copy: Copy): Generator<() => void> {
  const { homes } = files;
  const folder = files.folder(uid);
  const [logs, work] = [join(folder, "logs"), join(folder, "work")];
  if (!existsSync(logs) && !existsSync(work)) return;
  yield () => mkdirSync(homes.folder(copy), { recursive: true, mode: 0o711 });
  yield () => mkdirSync(homes.logs(copy), { recursive: true, mode: 0o700 });
  for (const name of namesIn(logs)) yield () => moveTo(join(logs, name), join(homes.logs(copy), name));
  for (const record of records.read(uid)) {
    const { run, stdout, stderr } = record;
    if (dirname(stdout) !== logs || existsSync(stdout)) continue;
    const moved = { number: run, ...homes.logsOf(copy, run, stderr !== undefined) };
    yield () => records.moved(uid, run, moved);
  }
  yield () => moveTo(work, homes.work(copy));
  yield () => removeEmpty(logs);
}

function moveTo(from: string, to: string): void {
  if (existsSync(from) && !existsSync(to)) renameSync(from, to);
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Something stays in it.
  }
}
