import type { Dice } from "./dice.ts";
import type { Made } from "./made.ts";
import type { Operation } from "./published.ts";
import { wildNumbers, wildTexts } from "./wild.ts";

const goodValues: Readonly<Record<string, readonly string[]>> = {
  fieldManager: ["fuzz", "fuzz-other", "kubectl", "kubectl-client-side-apply"],
  fieldValidation: ["Strict", "Warn", "Ignore"],
  dryRun: ["All"],
  propagationPolicy: ["Background", "Foreground", "Orphan"],
  resourceVersionMatch: ["Exact", "NotOlderThan"],
  labelSelector: ["fuzz=yes", "fuzz", "!fuzz", "app in (web,fz)", "app notin (web)", "app!=web"],
  fieldSelector: [
    "metadata.name=fz-1",
    "metadata.namespace!=fz-0",
    "involvedObject.name=fz-1",
    "status.phase=Running",
    "spec.nodeName=fz",
    "type=Normal",
  ],
  limit: ["1", "2", "500", "0"],
  timeoutSeconds: ["1", "2", "0"],
  tailLines: ["1", "0", "100"],
  limitBytes: ["1", "1000"],
  sinceSeconds: ["1", "3600"],
  sinceTime: ["2026-01-01T00:00:00Z"],
  gracePeriodSeconds: ["0", "1"],
  command: ["/bin/true"],
  includeObject: ["None", "Metadata", "Object"],
  pretty: ["true", "false"],
};
const undeclared = [
  "includeObject",
  "pretty",
  "watch",
  "fz",
  "export",
  "exact",
  "__proto__",
  "fieldManager",
  "dryRun",
  "continue",
  "stdout",
  "container",
];
const ofWatches: ReadonlySet<string> = new Set(["sendInitialEvents", "resourceVersionMatch"]);
const SELDOM = 0.1;

/** Some of the parameters that are declared, mostly well, and now and then others, twice, or too much of them. */
export function queryOf(operation: Operation, path: string, made: Made, dice: Dice): URLSearchParams {
  const query = new URLSearchParams();
  for (const { name, type } of operation.query) {
    if (ofWatches.has(name) && !query.has("watch") && !dice.trick(0.1)) continue;
    if (name === "command" || dice.chance(SELDOM)) query.append(name, drawnValue(name, type, path, made, dice));
    if (dice.trick(0.02)) query.append(name, drawnValue(name, type, path, made, dice));
  }
  if (dice.trick(0.1)) query.append(dice.pick(undeclared), dice.pick([...wildTexts, "true", "All"]));
  if (dice.trick(0.005)) for (let n = 0; n < 500; n++) query.append(`fz${n}`, "x");
  return query;
}

function drawnValue(name: string, type: string, path: string, made: Made, dice: Dice): string {
  if (name !== "command" && dice.trick(0.25)) return dice.pick(type === "integer" ? wildNumbers : wildTexts);
  if (name === "continue") return made.token(dice);
  if (name === "resourceVersion")
    return dice.pick(["0", "1", revisionOf(path, made, dice), revisionOf(path, made, dice)]);
  const good = goodValues[name];
  if (good) return dice.pick(good);
  return type === "boolean" ? dice.pick(["true", "true", "false", "1", "0"]) : "1";
}

const revisionOf = (path: string, made: Made, dice: Dice): string =>
  (made.at(path) ?? made.any(dice))?.metadata.resourceVersion ?? "1";
