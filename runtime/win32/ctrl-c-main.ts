// The sender of console events where there is no single executable: `node ctrl-c-main.ts PID ctrl-c|ctrl-break`.
import { consoleEventMain } from "./ctrl-c.ts";

process.exitCode = consoleEventMain(process.argv.slice(2));
