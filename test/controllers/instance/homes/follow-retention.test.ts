import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../../api/object.ts";
import type { Process, ProcessSpec } from "../../../../api/types.generated.ts";
import { followRetention } from "../../../../controllers/instance/homes/follow-retention.ts";
import type { InformerEvent } from "../../../../machinery/informer.ts";
import { noHomes } from "../../../../runtime/memory/no-homes.ts";

type Policy = ProcessSpec["stateRetentionPolicy"];

function web(stateRetentionPolicy: Policy): Stored<Process> {
  const metadata = { uid: "p", name: "web", namespace: "default" };
  return { metadata, spec: { command: "x", ...(stateRetentionPolicy && { stateRetentionPolicy }) } } as Stored<Process>;
}

describe("which homes outlive their Process", () => {
  const noted: [string, boolean][] = [];
  let tell: (event: InformerEvent<Process>) => void = () => {};
  const processes = {
    on: (listener: typeof tell) => {
      tell = listener;
      return () => {};
    },
  };
  followRetention(processes, {
    ...noHomes,
    setOutliving: ({ namespace, process, owner }, isOutliving) =>
      noted.push([`${namespace}/${process}/${owner}`, isOutliving]),
  });

  it("is noted when the Process is first seen, and when it says otherwise", () => {
    const [kept, removed] = [web({ whenDeleted: "Retain" }), web({ whenDeleted: "Delete" })];
    tell({ type: "Added", object: kept });
    tell({ type: "Changed", object: removed, previous: kept });
    tell({ type: "Resync", object: kept });
    assert.deepEqual(noted.splice(0), [
      ["default/web/p", true],
      ["default/web/p", false],
      ["default/web/p", true],
    ]);
  });

  it("is not asked for where it was never said, and stays noted when the Process is gone", () => {
    tell({ type: "Added", object: web(undefined) });
    tell({ type: "Changed", object: web({ whenScaled: "Delete" }), previous: web(undefined) });
    tell({ type: "Deleted", object: web({ whenDeleted: "Retain" }) });
    assert.deepEqual(noted, []);
  });
});
