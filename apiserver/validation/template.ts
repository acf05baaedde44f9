import type { ProcessTemplate } from "../../api/types.generated.ts";
import { envFileCauses } from "./env-files.ts";
import { environmentCauses } from "./environment.ts";
import { duplicate, type FieldError, invalidValue } from "./field-error.ts";
import { fileCauses } from "./files.ts";
import { subdomainError } from "./names.ts";
import { portCauses } from "./ports.ts";
import { argumentCauses, execCauses, probeCauses } from "./probe.ts";
import { absolutePathError, programError } from "./program.ts";
import { resourceCauses } from "./resources.ts";
import { runAsCauses } from "./run-as.ts";
import { stopSignalError } from "./stop-signal.ts";

/**
 * Rules between the fields of a process template that already fits its schema and has its defaults; `path` is where the template is,
 * `owner` the name of its Process.
 */
export const templateCauses = (template: ProcessTemplate, path: string, owner: string | undefined): FieldError[] => [
  ...one(`${path}.command`, template.command, programError),
  ...argumentCauses(template.args ?? [], `${path}.args`),
  ...one(`${path}.workingDir`, template.workingDir, absolutePathError),
  ...environmentCauses(template, path),
  ...envFileCauses(template, `${path}.envFile`),
  ...fileCauses(template, `${path}.files`),
  ...portCauses(template.ports ?? [], `${path}.ports`),
  ...exitCodeCauses(template.successExitCodes ?? [], `${path}.successExitCodes`),
  ...backoffCauses(template.backoff ?? {}, `${path}.backoff`),
  ...probeCauses(template, path),
  ...resourceCauses(template, path),
  ...runAsCauses(template.runAs, `${path}.runAs`),
  ...one(`${path}.stop.signal`, template.stop?.signal, stopSignalError),
  ...(template.stop?.preStop ? execCauses(template.stop.preStop.exec.command, `${path}.stop.preStop.exec`) : []),
  ...dependencyCauses(template.dependsOn ?? [], `${path}.dependsOn`, owner),
];

function one(field: string, text: string | undefined, rule: (text: string) => string | undefined): FieldError[] {
  const error = text === undefined ? undefined : rule(text);
  return error ? [invalidValue(field, text, error)] : [];
}

const exitCodeCauses = (codes: readonly number[], path: string): FieldError[] => {
  const seen = new Set<number>();
  return codes.flatMap((code, index) => {
    if (seen.has(code)) return [duplicate(`${path}[${index}]`, code)];
    seen.add(code);
    return [];
  });
};

function backoffCauses(backoff: NonNullable<ProcessTemplate["backoff"]>, path: string): FieldError[] {
  const { initialSeconds = 0, maxSeconds = 0 } = backoff;
  if (maxSeconds >= initialSeconds) return [];
  return [invalidValue(`${path}.maxSeconds`, maxSeconds, `must not be less than initialSeconds (${initialSeconds})`)];
}

const dependencyCauses = (
  dependencies: NonNullable<ProcessTemplate["dependsOn"]>,
  path: string,
  owner: string | undefined,
): FieldError[] =>
  dependencies.flatMap(({ name }, index) => {
    const field = `${path}[${index}].name`;
    if (name === owner) return [invalidValue(field, name, "a process cannot depend on itself")];
    return one(field, name, subdomainError);
  });
