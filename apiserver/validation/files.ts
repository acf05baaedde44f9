import type { FileSpec, ProcessTemplate } from "../../api/types.generated.ts";
import { windowsNameProblem } from "../../lib/windows-name.ts";
import { keyRefCauses } from "./environment.ts";
import { duplicate, type FieldError, forbiddenField, invalidValue } from "./field-error.ts";
import { absolutePathError } from "./program.ts";
import { lineError } from "./text.ts";

/** What a file is called while it is written. */
const OURS = ".wctl-";
const LONGEST_NAME = 200;

/** Files lie below the folder of the copy or below `workingDir`, each in a place of its own. The rules are those of both platforms. */
export function fileCauses({ files = [], workingDir }: ProcessTemplate, path: string): FieldError[] {
  const seen = new Set<string>();
  return files.flatMap((file, index) => {
    const field = `${path}[${index}]`;
    const error = pathError(file.path, workingDir);
    return [
      ...(error === undefined
        ? placeCauses(file.path, `${field}.path`, seen)
        : [invalidValue(`${field}.path`, file.path, error)]),
      ...sourceCauses(file, field),
      ...modeCauses(file, `${field}.mode`),
    ];
  });
}

function pathError(path: string, workingDir: string | undefined): string | undefined {
  const error = lineError(path);
  if (error) return error;
  if (!/^([\\/]|[A-Za-z]:)/.test(path)) return partsError(path.split(/[\\/]/));
  const absolute = absolutePathError(path);
  if (absolute) return absolute;
  const below = workingDir === undefined ? undefined : belowFolder(path, workingDir);
  if (below === undefined) {
    return workingDir === undefined
      ? "must be relative to the folder of the copy, because workingDir is not set"
      : `must be relative to the folder of the copy, or below workingDir (${workingDir})`;
  }
  return partsError(below.split(/[\\/]/));
}

/** What is left of an absolute path below `folder`. */
function belowFolder(path: string, folder: string): string | undefined {
  const plain = folder.replace(/[\\/]+$/, "");
  return path.startsWith(plain) && /^[\\/]/.test(path.slice(plain.length)) ? path.slice(plain.length + 1) : undefined;
}

function partsError(parts: readonly string[]): string | undefined {
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    return "must be a plain path, without empty, . or .. parts";
  }
  const [ours] = parts.filter((part) => part.toLowerCase().startsWith(OURS));
  if (ours !== undefined) return `must not have parts that begin with ${OURS}`;
  if (parts.some((part) => Buffer.byteLength(part) > LONGEST_NAME))
    return `must have no part longer than ${LONGEST_NAME} bytes`;
  return parts.map(windowsNameProblem).find((problem) => problem !== undefined);
}

/** Windows takes `App.conf` and `app.conf` for one file, and nothing is a file and a folder. */
function placeCauses(path: string, field: string, seen: Set<string>): FieldError[] {
  const place = path.replaceAll("\\", "/").toLowerCase();
  const clash = [...seen].find(
    (other) => other === place || other.startsWith(`${place}/`) || place.startsWith(`${other}/`),
  );
  seen.add(place);
  return clash === undefined ? [] : [duplicate(field, path, `another file is at ${clash}`)];
}

function sourceCauses({ configMapRef, secretRef }: FileSpec, field: string): FieldError[] {
  if (!configMapRef && !secretRef) {
    return [invalidValue(field, "", "must specify one of: `configMapRef` or `secretRef`")];
  }
  if (configMapRef && secretRef) {
    return [forbiddenField(field, "may not have more than one of `configMapRef` and `secretRef`")];
  }
  return configMapRef
    ? keyRefCauses(configMapRef, `${field}.configMapRef`)
    : keyRefCauses(secretRef!, `${field}.secretRef`);
}

/** A Secret is for the account of the program, and at most for its group to read. */
function modeCauses({ mode, secretRef }: FileSpec, field: string): FieldError[] {
  if (mode === undefined || !secretRef) return [];
  const isTooWide = (Number.parseInt(mode, 8) & ~0o740) !== 0;
  return isTooWide
    ? [
        invalidValue(
          field,
          mode,
          "must not let the group write, nor everybody read, the file of a Secret: 0400, 0440, 0600, 0640",
        ),
      ]
    : [];
}
