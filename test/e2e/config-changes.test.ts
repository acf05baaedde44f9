/** What happens to programs when the content of their ConfigMaps and Secrets changes, through the built executable. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Bed } from "./fields/bed.ts";

const example = join(import.meta.dirname, "../../manifests/examples/config-change.yaml");

describe("configuration that changes", () => {
  const bed = new Bed();
  const pidsOf = async (name: string): Promise<number[]> => {
    const { items } = await bed.daemon.json("instances", "-l", `wctl.dev/process=${name}`);
    return items.map((one: { status: { pid: number } }) => one.status.pid);
  };

  it("a new value of a ConfigMap and a new Secret replace the copies, and history says which key it was", async () => {
    const manifest = readFileSync(example, "utf8").replace("settleSeconds: 1", "settleSeconds: 0");
    await bed.daemon.apply(manifest);
    await bed.daemon.ok("rollout", "status", "process/greeter", "--timeout", "1h");
    await bed.output("greeter-1", /^hello, with a token of 9 characters\n$/);
    const before = await pidsOf("greeter");
    await bed.daemon.apply(manifest.replace("GREETING: hello", "GREETING: goodbye").replace("change-me", "rotated"));
    for (const copy of ["greeter-0", "greeter-1"]) await bed.output(copy, /goodbye, with a token of 7 characters/);
    await bed.daemon.ok("rollout", "status", "process/greeter", "--timeout", "1h");
    assert.equal((await pidsOf("greeter")).filter((pid) => before.includes(pid)).length, 0);
    const history = await bed.daemon.ok("rollout", "history", "process/greeter");
    assert.match(history, /"GREETING" of configmap "greeter"/);
    const undo = await bed.daemon.wctl("rollout", "undo", "process/greeter");
    assert.equal(undo.code, 1);
    assert.match(undo.stderr, /differs from the present one only in the content of ConfigMaps or Secrets/);
  });
});
