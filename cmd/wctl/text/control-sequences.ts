/** Where in a control sequence of ECMA-48 a text is: in none; after ESC; after CSI; in the string of an OSC, DCS, SOS, PM or APC; after an ESC in one. */
export type State = "text" | "escape" | "csi" | "string" | "string-escape";

export interface After {
  state: State;
  /** What is to be seen of the character. */
  shown: string;
  /** It ends a CSI sequence as that of a colour does. */
  isSgr?: boolean;
}

/**
 * What a terminal would obey but tab and line end: C0, DEL and C1; line separators, and what turns the direction of text around, so that what stands there
 * reads as something else (https://trojansource.codes).
 */
export const OBEYED = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;

const enter = (state: State): After => ({ state, shown: "" });
const TEXT: After = enter("text");

/** CAN and SUB break off any sequence. */
const BREAKS = /[\x18\x1a]/;
/** Of strings in both forms: after ESC, and as one character (C1). */
const STRING_AFTER_ESC = /[\]PX^_]/;
const STRING_C1 = /[\x90\x98\x9d-\x9f]/;

/** What a character does in a state. It must not be a line end. Pure. */
export function after(state: State, character: string): After {
  if (character === "\x1b") return enter(state === "string" ? "string-escape" : "escape");
  if (BREAKS.test(character)) return TEXT;
  return table[state](character);
}

const table: Readonly<Record<State, (character: string) => After>> = {
  text: (character) => {
    if (character === "\x9b") return enter("csi");
    if (STRING_C1.test(character)) return enter("string");
    return OBEYED.test(character) ? TEXT : { state: "text", shown: character };
  },
  escape: (character) => {
    if (character === "[") return enter("csi");
    if (STRING_AFTER_ESC.test(character)) return enter("string");
    if (/[\x00-\x2f\x7f]/.test(character)) return enter("escape"); // Intermediates, and controls that do not end it.
    return /[\x30-\x7e]/.test(character) ? TEXT : table.text(character);
  },
  csi: (character) => {
    if (/[\x40-\x7e]/.test(character)) return { ...TEXT, isSgr: character === "m" };
    return /[\x00-\x3f\x7f]/.test(character) ? enter("csi") : table.text(character);
  },
  string: (character) => (/[\x07\x9c]/.test(character) ? TEXT : enter("string")),
  "string-escape": (character) => (character === "\\" ? TEXT : table.escape(character)),
};
