import { COLOUR_MODES } from "../text/colour.ts";
import type { Flags, Option } from "./option.ts";

/** Flags that every verb takes, before or after the verb. */
export const globalOptions = [
  { name: "namespace", short: "n", type: "string", placeholder: "NAME", description: "The namespace to work in." },
  {
    name: "kubeconfig",
    type: "string",
    placeholder: "FILE",
    description: "Where the server and the credentials are described.",
  },
  { name: "context", type: "string", placeholder: "NAME", description: "The kubeconfig context to use." },
  { name: "cluster", type: "string", placeholder: "NAME", description: "The kubeconfig cluster to use." },
  { name: "user", type: "string", placeholder: "NAME", description: "The kubeconfig user to use." },
  { name: "server", short: "s", type: "string", placeholder: "URL", description: "The address of the API server." },
  { name: "token", type: "string", placeholder: "TOKEN", description: "Bearer token for the API server." },
  { name: "as", type: "string", placeholder: "USER", description: "Act as this user, if you may impersonate them." },
  {
    name: "as-group",
    type: "list",
    whole: true,
    placeholder: "GROUP",
    description: "With --as: as a member of this group; may be given several times.",
  },
  { name: "as-uid", type: "string", placeholder: "UID", description: "With --as: the uid of that user." },
  {
    name: "request-timeout",
    type: "duration",
    description: "Give up on a single request after this long; 0 waits for ever.",
    default: 0,
  },
  {
    name: "color",
    type: "string",
    oneOf: COLOUR_MODES,
    implied: "always",
    default: "auto",
    description: "Colours: on a terminal unless NO_COLOR is set (auto), always, or never.",
  },
  {
    name: "v",
    short: "v",
    type: "integer",
    placeholder: "LEVEL",
    description: "6: requests; 8: also stack traces of errors.",
  },
  { name: "help", short: "h", type: "boolean", description: "Show help and examples." },
] as const satisfies readonly Option[];

export type GlobalFlags = Flags<typeof globalOptions>;

export const selector = {
  name: "selector",
  short: "l",
  type: "string",
  placeholder: "SELECTOR",
  description: "Only objects with these labels: key=value, key!=value, 'key in (a,b)', key, !key; joined by commas.",
} as const satisfies Option;

export const fieldSelector = {
  name: "field-selector",
  type: "string",
  placeholder: "SELECTOR",
  description: "Only objects with these fields, e.g. metadata.name=web or status.phase!=Running.",
} as const satisfies Option;

export const allNamespaces = {
  name: "all-namespaces",
  short: "A",
  type: "boolean",
  description: "Look in every namespace.",
} as const satisfies Option;

export const filename = {
  name: "filename",
  short: "f",
  type: "list",
  placeholder: "FILE",
  description: "A file, a folder, a URL, or - for standard input; may be given several times.",
} as const satisfies Option;

export const recursive = {
  name: "recursive",
  short: "R",
  type: "boolean",
  description: "Also read the folders inside the folder named by -f.",
} as const satisfies Option;

export const dryRun = {
  name: "dry-run",
  type: "string",
  oneOf: ["none", "client", "server"],
  implied: "client",
  default: "none",
  description: "client: only say what would be sent; server: let the server check it without keeping it.",
} as const satisfies Option;

export const writeOutput = {
  name: "output",
  short: "o",
  type: "string",
  oneOf: ["name", "yaml", "json"],
  description: "Print the resulting object in this form.",
} as const satisfies Option;

export const fieldManager = {
  name: "field-manager",
  type: "string",
  placeholder: "NAME",
  description: "Who is recorded as the owner of the changed fields.",
} as const satisfies Option;

export const timeout = {
  name: "timeout",
  type: "duration",
  default: 0,
  description: "Give up waiting after this long; 0 waits as long as it takes.",
} as const satisfies Option;

/** Of verbs that delete. */
export const cascade = {
  name: "cascade",
  type: "string",
  oneOf: ["background", "foreground", "orphan"],
  implied: "background",
  default: "foreground",
  description: "What happens to owned objects: deleted first, deleted later, or kept.",
} as const satisfies Option;

export const propagationOf = { background: "Background", foreground: "Foreground", orphan: "Orphan" } as const;

export const noHeaders = {
  name: "no-headers",
  type: "boolean",
  description: "Leave out the line with the column names.",
} as const satisfies Option;

/** Of verbs that work on files, beside a daemon that does not run. */
export const dataDir = {
  name: "data-dir",
  type: "string",
  placeholder: "DIR",
  description: "The data directory (default %ProgramData%\\wctl, ~/.local/share/wctl, or /var/lib/wctl for root).",
} as const satisfies Option;
