/**
 * Grammars of names. Messages are Kubernetes' (apimachinery `pkg/util/validation`). Each answers why `text` is refused, or undefined.
 * Lengths are checked before the patterns, so each takes linear time on what is left.
 */
const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/;
const ENDS = "must start and end with an alphanumeric character";

const atMost = (length: number): string => `must be no more than ${length} characters`;

/** Names of Objects. */
export function subdomainError(text: string): string | undefined {
  if (text.length > 253) return atMost(253);
  if (DNS_SUBDOMAIN.test(text)) return undefined;
  return `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and ${ENDS} (e.g. 'example.com', regex used for validation is '${LABEL}(\\.${LABEL})*')`;
}

/** Names of Namespaces. */
export function dnsLabelError(text: string): string | undefined {
  if (text.length > 63) return atMost(63);
  if (DNS_LABEL.test(text)) return undefined;
  return `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and ${ENDS} (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`;
}

/** The longest end of an Instance's name: `-9999`, and one more digit for copies beyond the count during a rollout. */
const ROOM_FOR_INDEX = 6;

/** Names of Processes: their Instances are called `<name>-<index>`, and that must be a name too. */
export function processNameError(text: string): string | undefined {
  const longest = 253 - ROOM_FOR_INDEX;
  if (text.length > longest) return `${atMost(longest)}, to leave room for the index of its instances`;
  return subdomainError(text);
}

/** What `text` could be called by this rule: `My_Web App` is `my-web-app`. Undefined when nothing is left of it. */
export function validName(text: string, nameError: (name: string) => string | undefined): string | undefined {
  if (text.length > LONGEST_GUESS) return undefined;
  const plain = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/([a-z0-9])(?=[A-Z][a-z])/g, "$1-")
    .toLowerCase();
  const name = plain
    .replace(/[^a-z0-9.]+/g, "-")
    .replace(/[-.]*\.[-.]*/g, ".")
    .replace(/^[-.]+|[-.]+$/g, "");
  const label = name.replaceAll(".", "-");
  return [name, label].find((one) => one !== "" && nameError(one) === undefined);
}

/** Nobody meant to write a longer one. */
const LONGEST_GUESS = 253;

/** Keys of Secrets and ConfigMaps. */
export function configKeyError(text: string): string | undefined {
  if (text.length > 253) return atMost(253);
  if (text === ".") return "must not be '.'";
  if (text === "..") return "must not be '..'";
  if (text.startsWith("..")) return "must not start with '..'";
  if (CONFIG_KEY.test(text)) return undefined;
  return "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
}
