// A daemon in small that ends with code 7 when the end of a program was told: then its thread waits in the kernel for the next thing to happen.
// argv: DATA_DIR.
import { systemClock } from "../../../../lib/clock.ts";
import { silentLogger } from "../../../../lib/logger.ts";
import { PosixRuntime } from "../../../../runtime/posix/posix-runtime.ts";
import { launchSpec } from "../../specs.ts";

const [dataDir = ""] = process.argv.slice(2);
const runtime = await PosixRuntime.open({ dataDir, clock: systemClock, logger: silentLogger });
await runtime.recover();
runtime.subscribe((event) => {
  if (event.type === "exited") setTimeout(() => process.exit(7), 100);
});
await runtime.start(launchSpec({ uid: "a", command: "/bin/true" }));
