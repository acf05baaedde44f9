import { command } from "../../command/command.ts";
import { line } from "../../output/output.ts";
import { serviceName, services } from "./options.ts";

/** These go to `wctl daemon` as they are. */
const daemonFlags = ["data-dir", "listen", "manifests", "config", "log-level", "runtime"] as const;

export const serviceInstall = command({
  name: "service install",
  summary: "Register the daemon as a service, of Windows or of systemd.",
  description:
    "The service runs this very program, starts with the system, and is started again when it fails. Flags of 'wctl daemon' are kept with it. Installing again brings an existing service up to date; flags that are not given stay as they were. Run it as administrator or root.",
  usage: ["service install [flags]"],
  examples: [
    { what: "Install and start", line: "wctl service install\nwctl service start" },
    {
      what: "With a folder of manifests as the desired state",
      line: "wctl service install --manifests=C:/ProgramData/wctl/manifests",
    },
  ],
  options: [
    serviceName,
    {
      name: "data-dir",
      type: "string",
      placeholder: "DIR",
      description: "State, logs, certificates and admin.kubeconfig (default %ProgramData%\\wctl or /var/lib/wctl).",
    },
    {
      name: "listen",
      type: "string",
      placeholder: "HOST:PORT",
      description: "Where the API answers (default 127.0.0.1:7443).",
    },
    {
      name: "manifests",
      type: "string",
      placeholder: "DIR",
      description: "A watched folder of manifests that only administrators can write; created so when it is missing.",
    },
    {
      name: "config",
      type: "string",
      placeholder: "FILE",
      description: "Settings that only administrators can write, read again whenever the file changes.",
    },
    { name: "log-level", type: "string", placeholder: "LEVEL", description: "debug, info, warn or error." },
    { name: "runtime", type: "string", placeholder: "NAME", description: "How processes are run (default auto)." },
  ],
  async run(args, flags, context) {
    const manager = await services("service install", args);
    const given = daemonFlags.flatMap((name) => (flags[name] === undefined ? [] : [`--${name}`, flags[name]]));
    const { created, dataDir, warnings } = await manager.install({ name: flags.name, daemonFlags: given });
    for (const warning of warnings) await line(context.err, `warning: ${warning}`);
    await line(context.out, `service/${flags.name} ${created ? "created" : "configured"} (data in ${dataDir})`);
    return 0;
  },
});
