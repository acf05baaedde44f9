import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";

const project = join(import.meta.dirname, "../../../..");

/** It ends when the end of a program was told: then the thread waits in the kernel for the next thing to happen. */
const HOST = `
import { systemClock } from "${project}/lib/clock.ts";
import { silentLogger } from "${project}/lib/logger.ts";
import { PosixRuntime } from "${project}/runtime/posix/posix-runtime.ts";
import { launchSpec } from "${project}/test/runtime/specs.ts";
const runtime = await PosixRuntime.open({ dataDir: process.argv[2], clock: systemClock, logger: silentLogger });
await runtime.recover();
runtime.subscribe((event) => {
  if (event.type === "exited") setTimeout(() => process.exit(7), 100);
});
await runtime.start(launchSpec({ uid: "a", command: "/bin/true", args: [] }));
`;

describe("the thread that waits for processes", { skip: process.platform !== "linux" && "Linux" }, () => {
  it("keeps no daemon that ends at once, as after an error that nobody handled", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-thread-"));
    const script = join(folder, "host.ts");
    writeFileSync(script, HOST);
    try {
      const args = ["--disable-warning=ExperimentalWarning", script, join(folder, "data")];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
      const [code] = await once(child, "exit");
      assert.equal(code, 7);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
