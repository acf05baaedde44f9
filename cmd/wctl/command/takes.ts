/** What the words after a verb name. Completion offers it. */
export interface Takes {
  /** One of these words, first of all. */
  words?: readonly string[];
  /** Kinds, by their plural, whose objects are named as `TYPE NAME...` or `TYPE/NAME`. */
  types?: readonly string[] | "any";
  /** A type and no name: `explain process`. */
  onlyType?: boolean;
  /** Names of this kind (its plural) may stand alone. */
  bare?: string;
  /** Contexts of the kubeconfig. */
  contexts?: boolean;
  /** Files, folders. */
  files?: boolean;
}

export const anyObject = { types: "any" } as const satisfies Takes;

/** `process/web`. */
export const processesOnly = { types: ["processes"] } as const satisfies Takes;

/** `process/web`, or `web`. */
export const processesByName = { types: ["processes"], bare: "processes" } as const satisfies Takes;

/** `instance/web-0`, `process/web`, or `web-0`. */
export const instancesByName = { types: ["instances", "processes"], bare: "instances" } as const satisfies Takes;
