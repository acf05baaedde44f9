import type { ErrorCode } from "yaml";

/** The parser's findings in our words: they say what to do and, unlike its own, never quote the text. */
export const yamlProblems: Record<ErrorCode, string> = {
  ALIAS_PROPS: "an alias (*name) cannot have an anchor or a tag: remove it",
  BAD_ALIAS: "an anchor or alias has a bad name: use letters, digits and dashes",
  BAD_COLLECTION_TYPE: "the tag does not fit what follows it: remove the tag",
  BAD_DIRECTIVE: "not a directive of YAML 1.2: remove the line that begins with %",
  BAD_DQ_ESCAPE:
    "not an escape sequence of YAML: in double quotes write \\\\ for a backslash, or use single quotes ('C:\\dir')",
  BAD_INDENT: "wrong indentation: members of one map or list begin in the same column, and below their parent",
  BAD_PROP_ORDER: "anchors and tags stand before the value they belong to",
  BAD_SCALAR_START: "a plain value cannot begin with this character: put the value in quotes",
  BLOCK_AS_IMPLICIT_KEY:
    "a second colon or a dash on this line: put the value in quotes, or begin the map or list on the next line, indented",
  BLOCK_IN_FLOW: "inside {} and [] everything is written in {} and []",
  DUPLICATE_KEY: "duplicate key: remove one of the two",
  IMPOSSIBLE: "this cannot be read as YAML",
  KEY_OVER_1024_CHARS: "a key is longer than 1024 characters: is a colon or a quote missing?",
  MISSING_CHAR: "a character is missing here: a closing quote, bracket or brace, a comma, or the space after a colon",
  MULTILINE_IMPLICIT_KEY: "a key must fit on one line: is a colon or a quote missing?",
  MULTIPLE_ANCHORS: "a value has at most one anchor",
  MULTIPLE_DOCS: "one document only is allowed here",
  MULTIPLE_TAGS: "a value has at most one tag",
  NON_STRING_KEY: "a key must be a string",
  RESOURCE_EXHAUSTION: "too much is asked for: make the document simpler",
  TAB_AS_INDENT: "a tab is used for indentation: YAML allows spaces only",
  TAG_RESOLVE_FAILED: "unknown tag: tags beyond YAML's core schema are not read; remove it",
  UNEXPECTED_TOKEN: "this is not expected here: look for a missing colon, quote, dash or space before it",
};
