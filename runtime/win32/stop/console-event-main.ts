// The sender of console events where there is no single executable: `node console-event-main.ts PID=EVENT ...`.
import { consoleEventMain } from "./console-event.ts";

process.exitCode = consoleEventMain(process.argv.slice(2));
