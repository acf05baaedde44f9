import { command } from "../../command/command.ts";
import { Failure } from "../../errors/failure.ts";

const shells = {
  bash: async () => (await import("./bash.ts")).bash,
  zsh: async () => (await import("./zsh.ts")).zsh,
  fish: async () => (await import("./fish.ts")).fish,
  powershell: async () => (await import("./powershell.ts")).powershell,
} as const satisfies Record<string, () => Promise<string>>;

export const completion = command({
  name: "completion",
  summary: "Print a script that completes verbs, flags and names in a shell.",
  description:
    "Names of objects are asked of the server, for two seconds at most. For each new shell: put the line into ~/.bashrc, ~/.zshrc (after compinit), ~/.config/fish/config.fish or $PROFILE.",
  usage: ["completion (bash | zsh | fish | powershell)"],
  examples: [
    { what: "bash, and likewise zsh", line: "source <(wctl completion bash)" },
    { what: "fish", line: "wctl completion fish | source" },
    { what: "PowerShell", line: "wctl completion powershell | Out-String | Invoke-Expression" },
    { what: "bash, for all users", line: "wctl completion bash > /usr/share/bash-completion/completions/wctl" },
  ],
  takes: { words: Object.keys(shells) },
  options: [],
  async run([shell, ...more], _, { out }) {
    const hint = "See 'wctl completion -h' for help and examples";
    if (shell === undefined) throw new Failure("Shell not specified.", { hint });
    if (more.length > 0) throw new Failure("Too many arguments. Expected only the shell type.", { hint });
    if (!Object.hasOwn(shells, shell)) throw new Failure(`Unsupported shell type ${JSON.stringify(shell)}.`, { hint });
    await out.write(await shells[shell as keyof typeof shells]());
    return 0;
  },
});
