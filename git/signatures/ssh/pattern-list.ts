/** Whether a list of patterns (`ssh_config(5)`, PATTERNS: `*`, `?`, and `!` before what must not match) lets a word through. */
export function isMatch(word: string, patterns: string): boolean {
  let isLet = false;
  for (const pattern of patterns.split(",").map((one) => one.trim())) {
    const isNegated = pattern.startsWith("!");
    if (!isWildcardMatch(word, isNegated ? pattern.slice(1) : pattern)) continue;
    if (isNegated) return false;
    isLet = true;
  }
  return isLet;
}

/** Goes back to the last `*` only, so that no pattern takes long. */
function isWildcardMatch(word: string, pattern: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let next = 0;
  while (at < word.length) {
    if (pattern[next] === "*") {
      star = next++;
      resume = at;
    } else if (next < pattern.length && (pattern[next] === "?" || pattern[next] === word[at])) {
      next++;
      at++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++resume;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(next));
}
