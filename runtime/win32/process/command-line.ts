/**
 * Writes one argument so that the C runtime of the child reads it back unchanged (`parse_cmdline` of the MSVCRT and the UCRT, and
 * `CommandLineToArgvW`). It is quoted when it is empty or has a blank or a quote in it; backslashes are doubled only where a quote follows.
 * https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
 */
export function quoteArgument(argument: string): string {
  if (argument !== "" && !/[ \t\n\v"]/.test(argument)) return argument;
  return `"${argument.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"`;
}

/**
 * The program's own name comes first, and other rules apply to it: it goes up to the next quote, and backslashes mean nothing. A path can't have a
 * quote in it.
 */
export function commandLine(name: string, args: readonly string[]): string {
  return [`"${name.replaceAll('"', "")}"`, ...args.map(quoteArgument)].join(" ");
}

/** UNICODE_STRING's length is 16 bits of bytes: CreateProcessW takes no more than this, the end mark included. */
export const LONGEST_COMMAND_LINE = 32_767;
