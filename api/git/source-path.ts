import { oneLine } from "../../lib/one-line.ts";
import { isVariableName, type Variables } from "../variables/expand.ts";

/** `${node.name}`, `${NAME}` and `${NAME:-text}`. */
const REFERENCE = /\$\{([^{}:]*)(?::-([^{}]*))?\}/g;
const NODE_NAME = "node.name";
const NO_OTHER = `knows \${node.name}, \${NAME} and \${NAME:-text}, and no other \${`;
const LONGEST = 1024;
/** Of a folder, in a message. */
const SHOWN = 200;

/** Why `spec.path` of a GitSource, as it was written, can be no folder of a repository, as the end of a sentence. */
export function sourcePathProblem(path: string, hasVariables: boolean): string | undefined {
  let problem = path.includes("$${") ? NO_OTHER : undefined;
  const plain = path.replace(REFERENCE, (_, name: string, otherwise: string | undefined) => {
    if (name === NODE_NAME && otherwise === undefined) return "node";
    if (!isVariableName(name)) problem ??= NO_OTHER;
    else if (!hasVariables)
      problem ??= `names the variable ${name}, and there is no spec.substitute that says what it is`;
    return otherwise ?? "value";
  });
  if (plain.includes("${")) problem ??= NO_OTHER;
  return problem ?? folderProblem(plain);
}

/** The folder that is meant on this host, or why there is none, as a sentence without its end. Values are claims: none leads out, or to a wider folder. */
export function expandSourcePath(
  path: string,
  nodeName: string,
  variables: Variables | undefined,
): { folder: string } | { problem: string } {
  let problem: string | undefined;
  const folder = path.replace(REFERENCE, (mark, name: string, otherwise: string | undefined) => {
    if (name === NODE_NAME) return nodeName;
    const variable = variables?.get(name);
    // A path is shown: in the status, in Events and at the objects.
    if (variable?.isSecret)
      problem ??= `the variable ${name} comes from a Secret, and a path is shown to others: define it elsewhere`;
    const value = variable?.value || otherwise;
    if (value === undefined) {
      const what = variable ? "is empty" : "is not defined";
      problem ??= `the variable ${name} ${what}: define it, or write \${${name}:-text}`;
    } else if (value !== otherwise && value.split("/").some((part) => /^\.{0,2}$/.test(part))) {
      problem ??= `the variable ${name} must be the name of a folder, or several with / between them`;
    }
    return value ?? mark;
  });
  if (problem !== undefined) return { problem };
  const wrong = folderProblem(folder);
  return wrong === undefined ? { folder } : { problem: `it stands for ${shown(folder)}, and ${wrong}` };
}

const shown = (folder: string): string => JSON.stringify(oneLine(folder, SHOWN));

function folderProblem(folder: string): string | undefined {
  if (folder.length > LONGEST) return `must be no more than ${LONGEST} characters`;
  if (/^\/|\\|[\u0000-\u001f\u007f]/.test(folder))
    return "must be a folder inside the repository, with forward slashes";
  return folder.split("/").includes("..") ? "must not lead upwards by .." : undefined;
}
