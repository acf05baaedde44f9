/** A rule, as a SelfSubjectRulesReview answers it. */
export interface Rule {
  verbs?: readonly string[];
  apiGroups?: readonly string[];
  resources?: readonly string[];
  resourceNames?: readonly string[];
  nonResourceURLs?: readonly string[];
}

interface Allowed {
  resource: string;
  urls: readonly string[];
  names: readonly string[];
  verbs: string[];
}

/** One line for each resource and name, with all of its verbs: the cells that `auth can-i --list` prints. */
export function ruleRows(rules: readonly Rule[]): string[][] {
  const allowed = new Map<string, Allowed>();
  for (const one of rules.flatMap(brokenDown)) {
    const key = JSON.stringify([one.resource, one.urls, one.names]);
    const before = allowed.get(key);
    if (!before) allowed.set(key, one);
    else before.verbs.push(...one.verbs.filter((verb) => !before.verbs.includes(verb)));
  }
  return [...allowed.values()]
    .sort(mostFirst)
    .map(({ resource, urls, names, verbs }) => [resource, inBrackets(urls), inBrackets(names), inBrackets(verbs)]);
}

function brokenDown({
  verbs = [],
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: Rule): Allowed[] {
  const names = resourceNames.length > 0 ? resourceNames.map((name) => [name]) : [[]];
  return [
    ...apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        names.map((some) => ({ resource: combined(resource, group), urls: [], names: some, verbs: [...verbs] })),
      ),
    ),
    ...nonResourceURLs.map((url) => ({ resource: "", urls: [url], names: [], verbs: [...verbs] })),
  ];
}

/** `processes.wctl.dev/scale`. */
function combined(resource: string, group: string): string {
  if (group === "") return resource;
  const [plural = "", ...sub] = resource.split("/");
  return [`${plural}.${group}`, ...sub].join("/");
}

/** By verbs, `*` first; of these the resources first, by their group. */
const mostFirst = (a: Allowed, b: Allowed): number => {
  const [one, other] = [a, b].map(({ verbs, urls, resource, names }) => {
    const [plural = "", ...group] = resource.split(".");
    return JSON.stringify([verbs.join(), urls.join(), group.join("."), plural, names.join()]);
  });
  return one! < other! ? -1 : 1;
};

const inBrackets = (words: readonly string[]): string => `[${words.join(" ")}]`;
