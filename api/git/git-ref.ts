/** What of a repository is followed. */
export type GitRef = { branch: string } | { tag: string } | { semver: string } | { commit: string };

/** A name of a branch or a tag by the rules of `git check-ref-format`; returns what is wrong with it, in words that follow the field's name. */
export function refNameProblem(name: string): string | undefined {
  if (name === "" || name.length > 255) return "must have 1 to 255 characters";
  const bad = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|[/.]$/.exec(name);
  if (bad) return `must not have ${JSON.stringify(bad[0])} there`;
  if (name.split("/").some((part) => part.startsWith(".") || part.endsWith(".lock"))) {
    return "must not have a part that begins with a dot or ends in .lock";
  }
  return name === "@" ? "must not be @" : undefined;
}
