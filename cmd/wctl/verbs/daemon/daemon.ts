import { command } from "../../command/command.ts";
import { usageFailure } from "../../errors/failure.ts";

/** Only its help. The daemon reads its own flags: `main.ts` runs it before any flag is parsed here. */
export const daemon = command({
  name: "daemon",
  summary: "Run the server (wctld) in the foreground.",
  description:
    "Keeps running until it is stopped (Ctrl-C, SIGTERM, the service manager); then its workloads are stopped gracefully too, unless --on-stop=keep. When the API answers, one line on standard output says where.",
  usage: ["daemon [flags]"],
  examples: [
    { what: "Run with a folder of manifests as the desired state", line: "wctl daemon --manifests ./manifests" },
    { what: "Run a trial beside another daemon", line: "wctl daemon --data-dir ./trial --listen 127.0.0.1:0" },
  ],
  options: [
    {
      name: "data-dir",
      type: "string",
      placeholder: "DIR",
      description:
        "State, logs, certificates and admin.kubeconfig (default %ProgramData%\\wctl, ~/.local/share/wctl, or /var/lib/wctl for root).",
    },
    {
      name: "listen",
      type: "string",
      placeholder: "HOST:PORT",
      default: "127.0.0.1:7443",
      description: "Where the API answers; port 0 picks a free one.",
    },
    {
      name: "manifests",
      type: "string",
      placeholder: "DIR",
      description: "A watched folder: what is added or changed there is applied, what is removed is pruned.",
    },
    {
      name: "runtime",
      type: "string",
      oneOf: ["auto", "win32", "posix", "memory"],
      default: "auto",
      description: "How processes are run.",
    },
    {
      name: "on-stop",
      type: "string",
      oneOf: ["stop", "keep"],
      default: "stop",
      description: "What happens to the workloads when the daemon is stopped.",
    },
    {
      name: "config",
      type: "string",
      placeholder: "FILE",
      description: "Settings, read again whenever the file changes.",
    },
    {
      name: "log-level",
      type: "string",
      placeholder: "LEVEL",
      default: "info",
      description: "debug, info, warn or error.",
    },
    {
      name: "service",
      type: "boolean",
      description: "As a Windows service, if the system has started it as one; wctl service install sets it.",
    },
  ],
  async run() {
    throw usageFailure("daemon", "daemon must come first: wctl daemon [flags]");
  },
});
