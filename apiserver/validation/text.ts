const CONTROL = /[\u0000-\u001f\u007f]/;
const CONTROL_BUT_WHITESPACE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** One line: no control character at all. Says why `text` is refused, or undefined. */
export const lineError = (text: string): string | undefined =>
  CONTROL.test(text) ? `must not contain control characters${quotesHint(text)}` : undefined;

/** `"C:\temp"` in double quotes has a tab. */
const quotesHint = (text: string): string =>
  /[\t\n\r\f\v\u0007\u0008]/.test(text)
    ? ": in double quotes \\t, \\n and their kin are escape sequences; use single quotes"
    : "";

/** What is handed to a program as it is: tabs and line ends may be meant, NUL and the others never are. */
export const textError = (text: string): string | undefined =>
  CONTROL_BUT_WHITESPACE.test(text) ? "must not contain NUL or other control characters" : undefined;
