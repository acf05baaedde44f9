/**
 * Grammar of label keys and values. Messages are Kubernetes' (apimachinery `pkg/util/validation`).
 * Every pattern is anchored and runs on a string whose length was checked before, so it takes linear time.
 */
const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

const NAME_RULE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** Why this cannot be the key of a label or annotation (`name` or `prefix/name`); undefined when it can. */
export function labelKeyError(key: string): string | undefined {
  const parts = key.split("/", 3);
  if (parts.length > 2) {
    return `a qualified name ${NAME_RULE} (e.g. 'MyName',  or 'my.name',  or '123-abc') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
  }
  const name = parts.at(-1) ?? "";
  return (parts.length === 2 ? prefixError(parts[0] ?? "") : undefined) ?? nameError(name);
}

/** Why this cannot be the value of a label; undefined when it can. */
export function labelValueError(value: string): string | undefined {
  if (value.length > 63) return "must be no more than 63 characters";
  if (value === "" || NAME.test(value)) return undefined;
  return `a valid label must be an empty string or ${NAME_RULE.slice("must ".length)} (e.g. 'MyValue',  or 'my_value',  or '12345')`;
}

function prefixError(prefix: string): string | undefined {
  if (prefix === "") return "prefix part must be non-empty";
  if (prefix.length > 253) return "prefix part must be no more than 253 characters";
  if (SUBDOMAIN.test(prefix)) return undefined;
  return "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com')";
}

function nameError(name: string): string | undefined {
  if (name === "") return "name part must be non-empty";
  if (name.length > 63) return "name part must be no more than 63 characters";
  return NAME.test(name) ? undefined : `name part ${NAME_RULE} (e.g. 'MyName',  or 'my.name',  or '123-abc')`;
}
