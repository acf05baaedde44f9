/** `${NAME}`, `${NAME:-default}` and `$${` in one text. */
import { MAX_BODY_BYTES } from "../limits.ts";

export interface Variable {
  value: string;
  /** It came from a Secret: it may go into Secrets only. */
  isSecret: boolean;
  /** Why it can stand nowhere here, as the end of a sentence. */
  withheld?: string;
}

export type Variables = ReadonlyMap<string, Variable>;

export interface Expanded {
  text: string;
  /** The whole text is one `${NAME}` or `${NAME:-default}`. */
  isWhole: boolean;
  /** Names of the variables from Secrets that stand in it now. */
  secrets: readonly string[];
  /** What is wrong, each as the end of a sentence; the text is of no use then. Values are not quoted. */
  problems: readonly string[];
}

export const isVariableName = (name: string): boolean => NAME.test(name);

/** Of one text, and of all texts of a file. */
export const TOO_LARGE = "variables make this too large: write it out";

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MARK = /\$\$\{|\$\{([^{}]*)(\}?)/g;
const REFERENCE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/;

/**
 * Undefined when there is nothing to expand. Values are put in as they are: a `${` in one of them is text. As in a shell, the default stands for a
 * variable that is undefined or empty, and `$${` is a literal `${`.
 */
export function expand(text: string, variables: Variables): Expanded | undefined {
  if (!text.includes("${")) return undefined;
  const secrets = new Set<string>();
  const problems = new Set<string>();
  let isWhole = false;
  let length = text.length;
  const expanded = text.replace(MARK, (mark: string, inner: string | undefined, end: string | undefined) => {
    if (inner === undefined) return "${";
    const [, name, otherwise] = (end === "}" && REFERENCE.exec(inner)) || [];
    if (name === undefined) {
      problems.add(`a \${ begins no \${NAME} or \${NAME:-default}: write $\${ where text is meant`);
      return "";
    }
    isWhole = mark.length === text.length;
    const variable = variables.get(name);
    if (variable?.withheld !== undefined) {
      problems.add(`the variable ${name} ${variable.withheld}`);
      return "";
    }
    if (otherwise !== undefined && !variable?.value) return otherwise;
    if (!variable) problems.add(`the variable ${name} is not defined: define it, or write \${${name}:-default}`);
    if (variable?.isSecret) secrets.add(name);
    length += variable?.value.length ?? 0;
    if (length <= MAX_BODY_BYTES) return variable?.value ?? "";
    problems.add(TOO_LARGE);
    return "";
  });
  return { text: expanded, isWhole, secrets: [...secrets], problems: [...problems] };
}
