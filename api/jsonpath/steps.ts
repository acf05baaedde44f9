export type Step =
  | { do: "field"; name: string }
  /** `*`: every item of a list, every value of a map. */
  | { do: "all" }
  /** `..`: the value and every map and list in it. */
  | { do: "descend" }
  /** `[3]` is the slice 3:4. */
  | { do: "slice"; start?: number; end?: number; step?: number }
  | { do: "filter"; left: Step[]; compare?: Comparison; right: Step[] }
  | { do: "union"; of: Step[][] }
  | { do: "literal"; value: string | number | boolean };

export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";
