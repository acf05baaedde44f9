import fc from "fast-check";

export const nastyArguments: readonly string[] = [
  "",
  " ",
  "a b",
  '"',
  '""',
  "'",
  "\\",
  "\\\\",
  '\\"',
  '\\\\"',
  'a\\\\"b c\\',
  "$(calc)",
  "& calc",
  "| calc",
  "%PATH%",
  "^",
  "*",
  "?.*",
  "-",
  "/c",
  "\n",
  "\r\n",
  "\t",
  "\v",
  "ü€😀",
  "\u202e",
  "\u0001",
  '" calc "',
];

const special = fc.constantFrom('"', "\\", " ", "\t", "\n", "%", "^", "&", "'", "a", "😀");

/** Any text without NUL; quotes, backslashes and blanks come often. */
export const windowsText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: special, maxLength: 12 }),
  fc.string({ unit: "grapheme-composite", maxLength: 20 }).map((text) => text.replaceAll("\0", "")),
);
