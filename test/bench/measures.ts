import { lists } from "./api/lists.ts";
import { repository } from "./api/repository.ts";
import { watches } from "./api/watches.ts";
import { writes } from "./api/writes.ts";
import type { Measure } from "./measure.ts";
import { apply } from "./measures/apply.ts";
import { coldStart } from "./measures/cold-start.ts";
import { crashLoops } from "./measures/crash-loops.ts";
import { get } from "./measures/get.ts";
import { idle, probes, settles } from "./measures/idle.ts";
import { lines } from "./measures/lines.ts";
import { restart } from "./measures/restart.ts";
import { storm } from "./measures/storm.ts";

/** What is measured, each with its target. */
export const measures: Record<string, Measure> = {
  restart,
  storm,
  "crash-loops": crashLoops,
  "cold-start": coldStart,
  apply,
  get,
  idle,
  settles,
  probes,
  lines,
  lists,
  watches,
  writes,
  repository,
};
