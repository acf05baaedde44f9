/**
 * The words of a command line as Windows' programs read it: what `commandLine` joins. The first word is the program, in which
 * backslashes mean nothing.
 * https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-commandlinetoargvw
 */
export function splitCommandLine(line: string): string[] {
  const [program = "", quoted] = /^(?:"([^"]*)"|[^\s]*)/.exec(line) ?? [];
  if (program === "") return [];
  return [quoted ?? program, ...argumentsOf(line.slice(program.length))];
}

function argumentsOf(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let isQuoted = false;
  for (const [token] of text.matchAll(/\\*"|\\+|[^"\\]/g)) {
    if (!isQuoted && /^[ \t]$/.test(token)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (token.endsWith('"')) {
      const slashes = token.length - 1;
      const isLiteral = slashes % 2 === 1;
      if (!isLiteral) isQuoted = !isQuoted;
      word = (word ?? "") + "\\".repeat(slashes >> 1) + (isLiteral ? '"' : "");
    } else word = (word ?? "") + token;
  }
  return word === undefined ? words : [...words, word];
}
