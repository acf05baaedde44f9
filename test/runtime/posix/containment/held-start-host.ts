// A daemon in small that never gets further than between the start of a process and its limits. argv: DATA_DIR LIMITS, and the command. Prints the pid
// and then stays, with its thread inside the groups, until it is killed.
import { openSync } from "node:fs";
import { basename, join } from "node:path";
import { silentLogger } from "../../../../lib/logger.ts";
import { chooseContainment } from "../../../../runtime/posix/containment/choose-containment.ts";
import { spawn } from "../../../../runtime/posix/process/spawn.ts";
import { RunProofs } from "../../../../runtime/runs/run-proofs.ts";
import type { Limits } from "../../../../runtime/runtime.ts";

const [dataDir = "", limits = "{}", image = "", ...args] = process.argv.slice(2);
const proofs = new RunProofs(dataDir);
const { choice, containment } = chooseContainment(dataDir, basename(dataDir), proofs, "auto", silentLogger);
const output = openSync(join(dataDir, "output"), "a");

containment.spawnInto("a", JSON.parse(limits) as Limits, (placement) => {
  const { pid } = spawn({
    image,
    argv: [image, ...args],
    env: [],
    workingDir: "/",
    isOwnFolder: false,
    stdout: output,
    stderr: output,
    attributes: { keyrings: false, lastCapability: 0 },
    placement,
  });
  console.log(JSON.stringify({ pid, choice }));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  return pid;
});
