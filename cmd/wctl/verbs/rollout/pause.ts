import { command } from "../../command/command.ts";
import { fieldManager, selector } from "../../command/common-options.ts";
import { processesOnly } from "../../command/takes.ts";
import { setPaused } from "./set-paused.ts";

export const rolloutPause = command({
  name: "rollout pause",
  summary: "Hold back changes of a process until it is resumed.",
  description:
    "Sets spec.paused: copies that run go on, those that fail are started again, and scaling works; a new template waits for rollout resume.",
  usage: ["rollout pause process/NAME... [flags]", "rollout pause -l SELECTOR [flags]"],
  examples: [
    { what: "Change several things of web, and roll them out together", line: "wctl rollout pause process/web" },
  ],
  takes: processesOnly,
  options: [selector, fieldManager],
  run: (args, flags, context) => setPaused(args, flags, { verb: "rollout pause", paused: true, context }),
});
