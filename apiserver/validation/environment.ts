import type { ProcessTemplate } from "../../api/types.generated.ts";
import { duplicate, type FieldError, forbiddenField, invalidHidden, invalidValue, required } from "./field-error.ts";
import { configKeyError, subdomainError } from "./names.ts";
import { lineError, textError } from "./text.ts";

type EnvVar = NonNullable<ProcessTemplate["env"]>[number];
type EnvFrom = NonNullable<ProcessTemplate["envFrom"]>[number];

/** Variables the daemon itself gives to every instance (`WCTL_INSTANCE_INDEX`). */
const RESERVED = "WCTL_";

export const environmentCauses = (template: ProcessTemplate, path: string): FieldError[] => [
  ...(template.env ?? []).flatMap((variable, index) => variableCauses(variable, `${path}.env[${index}]`)),
  ...foldedNameCauses(template.env ?? [], `${path}.env`),
  ...(template.envFrom ?? []).flatMap((source, index) => envFromCauses(source, `${path}.envFrom[${index}]`)),
];

function variableCauses(variable: EnvVar, path: string): FieldError[] {
  const causes: FieldError[] = [];
  const nameError = variableNameError(variable.name);
  if (nameError) causes.push(invalidValue(`${path}.name`, variable.name, nameError));
  const valueError = textError(variable.value ?? "");
  if (valueError) causes.push(invalidHidden(`${path}.value`, valueError));
  if (variable.valueFrom) causes.push(...valueFromCauses(variable, `${path}.valueFrom`));
  return causes;
}

function variableNameError(name: string): string | undefined {
  if (name.includes("=")) return "a valid environment variable name must not contain '='";
  if (name.toUpperCase().startsWith(RESERVED)) return `names that begin with ${RESERVED} are set by wctl itself`;
  return lineError(name);
}

function valueFromCauses({ value, valueFrom = {} }: EnvVar, path: string): FieldError[] {
  const given = Object.keys(valueFrom);
  const all = ["secretKeyRef", "configMapKeyRef", "fieldRef"].join(", ");
  if (given.length === 0) return [invalidValue(path, "", `must specify one of: ${all}`)];
  if (given.length > 1) return [invalidValue(path, "", "may not have more than one field specified at a time")];
  if (value !== undefined && value !== "") {
    return [invalidValue(path, "", "may not be specified when `value` is not empty")];
  }
  const { secretKeyRef, configMapKeyRef } = valueFrom;
  return [
    ...(secretKeyRef ? keyRefCauses(secretKeyRef, `${path}.secretKeyRef`) : []),
    ...(configMapKeyRef ? keyRefCauses(configMapKeyRef, `${path}.configMapKeyRef`) : []),
  ];
}

/** A reference to one key of a Secret or ConfigMap. */
export function keyRefCauses(ref: { name: string; key: string }, path: string): FieldError[] {
  const keyError = ref.key === "" ? required(`${path}.key`) : maybeInvalid(`${path}.key`, ref.key, configKeyError);
  return [...nameRefCauses(ref, path), ...(keyError ? [keyError] : [])];
}

function nameRefCauses(ref: { name: string }, path: string): FieldError[] {
  const error = ref.name === "" ? required(`${path}.name`) : maybeInvalid(`${path}.name`, ref.name, subdomainError);
  return error ? [error] : [];
}

function maybeInvalid(field: string, text: string, rule: (text: string) => string | undefined): FieldError | undefined {
  const error = rule(text);
  return error ? invalidValue(field, text, error) : undefined;
}

/** Windows takes `Path` and `PATH` for one variable, so one manifest must not mean two. Equal names are the schema's to refuse. */
function foldedNameCauses(variables: readonly EnvVar[], path: string): FieldError[] {
  const causes: FieldError[] = [];
  const seen = new Map<string, string>();
  for (const [index, { name }] of variables.entries()) {
    const folded = name.toUpperCase();
    const earlier = seen.get(folded);
    if (earlier === undefined) seen.set(folded, name);
    else if (earlier !== name) {
      causes.push(
        duplicate(
          `${path}[${index}].name`,
          name,
          `differs from ${JSON.stringify(earlier)} only in case; Windows takes both for one variable`,
        ),
      );
    }
  }
  return causes;
}

function envFromCauses({ prefix = "", configMapRef, secretRef }: EnvFrom, path: string): FieldError[] {
  const causes: FieldError[] = [];
  const prefixError = prefix === "" ? undefined : variableNameError(prefix);
  if (prefixError) causes.push(invalidValue(`${path}.prefix`, prefix, prefixError));
  if (!configMapRef && !secretRef) {
    causes.push(invalidValue(path, "", "must specify one of: `configMapRef` or `secretRef`"));
  }
  if (configMapRef && secretRef) {
    causes.push(forbiddenField(path, "may not have more than one of `configMapRef` and `secretRef`"));
  }
  if (configMapRef) causes.push(...nameRefCauses(configMapRef, `${path}.configMapRef`));
  if (secretRef) causes.push(...nameRefCauses(secretRef, `${path}.secretRef`));
  return causes;
}
