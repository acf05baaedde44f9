import { command } from "../../command/command.ts";
import { fieldManager, selector } from "../../command/common-options.ts";
import { processesOnly } from "../../command/takes.ts";
import { setPaused } from "./set-paused.ts";

export const rolloutResume = command({
  name: "rollout resume",
  summary: "Let the changes of a paused process roll out.",
  usage: ["rollout resume process/NAME... [flags]", "rollout resume -l SELECTOR [flags]"],
  examples: [
    {
      what: "Roll out what waits, and see how it goes",
      line: "wctl rollout resume process/web\nwctl rollout status process/web",
    },
  ],
  takes: processesOnly,
  options: [selector, fieldManager],
  run: (args, flags, context) => setPaused(args, flags, { verb: "rollout resume", paused: false, context }),
});
