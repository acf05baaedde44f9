import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ProcessStatus } from "../../../../api/types.generated.ts";
import { replicaOf } from "../../../../controllers/process/replicas/replica.ts";
import type { Plan } from "../../../../controllers/process/situation.ts";
import { interimMs, type Report } from "../../../../controllers/process/status/interim.ts";
import { anInstance, aProcess, replicas } from "../objects.ts";

const web = aProcess({ replicas: 2 });
const calm: Plan = { steps: [], rule: "AsDesired", message: "" };
const rolledBack: ProcessStatus = {
  rollback: { from: "web-b", to: "web-a", message: "it failed", time: "2026-01-01T00:00:00Z" },
};
const silent = replicaOf(anInstance(web, 0), 0, 0);
const report = (those: Partial<Report>): Report => ({ plan: calm, replicas: [], before: {}, status: {}, ...those });

describe("a status of a Process", () => {
  const rows: [string, Partial<Report>, number][] = [
    ["is written at once when nothing is under way", { replicas: replicas(web, "ready", "Failed") }, 0],
    ["waits while a copy is stopping", { replicas: replicas(web, "ready", "deleting") }, 150],
    [
      "waits while steps are to follow",
      { plan: { ...calm, steps: [{ do: "suspend", replica: silent, suspend: true }] } },
      150,
    ],
    ["waits for what the agent says of a new copy", { replicas: [silent] }, 1_000],
    ["is written at once when the API refused a step", { replicas: replicas(web, "deleting"), refusal: "no" }, 0],
    [
      "is written at once when only a person can help",
      { replicas: [silent], plan: { ...calm, rule: "DependencyCycle" } },
      0,
    ],
    ["is written before anything is rolled back", { replicas: replicas(web, "deleting"), status: rolledBack }, 0],
    [
      "waits again while the rollback is under way",
      { replicas: replicas(web, "deleting"), before: rolledBack, status: rolledBack },
      150,
    ],
  ];
  for (const [what, those, expected] of rows) it(what, () => assert.equal(interimMs(report(those)), expected));
});
