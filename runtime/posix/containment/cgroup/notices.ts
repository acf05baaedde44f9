import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { EFD_CLOEXEC } from "../../ffi/layout.ts";
import { eventfd } from "../../ffi/libc.ts";
import { put } from "../../files/kernel-file.ts";
import type { LimitCounts, LimitNotice } from "../containment.ts";
import { counter, counterIn } from "./files.ts";

type Limit = keyof LimitCounts;

/** Read into and looked at within one call, so all can share it. */
const scratch = Buffer.alloc(4096);

/** Watches a counter file that the kernel marks as readable when it has changed (`memory.events`, `pids.events`). Empty where there is none. */
export function fileNotice(
  limit: Limit,
  folder: string,
  file: string,
  name: string,
  since: LimitCounts,
): LimitNotice[] {
  const fd = openOrNothing(join(folder, file));
  if (fd === undefined) return [];
  // Reading through this descriptor is what arms the next notice. A thousand are read every few seconds, so the file is not opened again.
  const read = (): number => {
    const length = readSync(fd, scratch, 0, scratch.length, 0);
    return counterIn(scratch.toString("latin1", 0, length), name);
  };
  read();
  return [{ limit, fd, met: rising(read, since[limit]), close: () => closeSync(fd) }];
}

/** The older way of cgroup v1: an eventfd registered in `cgroup.event_control`. */
export function eventfdNotice(
  limit: Limit,
  folder: string,
  file: string,
  name: string,
  since: LimitCounts,
): LimitNotice[] {
  const control = openOrNothing(join(folder, file));
  if (control === undefined) return [];
  const fd = eventfd(0, EFD_CLOEXEC | O_NONBLOCK) as number;
  if (fd < 0) {
    closeSync(control);
    return [];
  }
  try {
    put(folder, "cgroup.event_control", `${fd} ${control}`);
  } catch {
    closeSync(fd);
    return [];
  } finally {
    closeSync(control);
  }
  const met = rising(() => counter(folder, file, name), since[limit]);
  return [{ limit, fd, met, close: () => closeSync(fd) }];
}

const O_NONBLOCK = 0o4000;

function rising(read: () => number, since: number): () => boolean {
  let last = since;
  return () => {
    const now = read();
    const met = now > last;
    last = now;
    return met;
  };
}

function openOrNothing(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch {
    return undefined;
  }
}
