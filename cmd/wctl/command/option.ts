/** One flag, as data: the parser, the help text and the type of its value all come from here. */
export interface Option {
  /** Without dashes. */
  name: string;
  /** One letter. */
  short?: string;
  type: "boolean" | "string" | "integer" | "duration" | "list";
  description: string;
  /** Used when the flag is absent. Durations in seconds. */
  default?: boolean | string | number;
  /** The value of the bare flag, for a flag whose value is optional (`--dry-run`); it then must be given with `=`. */
  implied?: string;
  /** Other values are refused. */
  oneOf?: readonly string[];
  /** Of a list: a comma belongs to the value, and each is given by itself. */
  whole?: boolean;
  /** What help calls the value: `FILE`. */
  placeholder?: string;
}

interface ValueOf {
  boolean: boolean;
  string: string;
  integer: number;
  /** Seconds. */
  duration: number;
  list: string[];
}

type Value<O extends Option> = O extends { oneOf: readonly (infer Word extends string)[] } ? Word : ValueOf[O["type"]];

/** Booleans and lists are always there; the others only when given or defaulted. */
type Parsed<O extends Option> = O["type"] extends "boolean" | "list"
  ? Value<O>
  : O extends Option & Required<Pick<Option, "default">>
    ? Value<O>
    : Value<O> | undefined;

export type Flags<Options extends readonly Option[]> = {
  [Name in Options[number]["name"]]: Parsed<Extract<Options[number], { name: Name }>>;
};
