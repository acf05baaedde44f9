import type { Option } from "../../command/option.ts";

export const dataDir = {
  name: "data-dir",
  type: "string",
  placeholder: "DIR",
  description: "The data directory (default %ProgramData%\\wctl, ~/.local/share/wctl, or /var/lib/wctl for root).",
} as const satisfies Option;
