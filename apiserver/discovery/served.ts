import type { Storage } from "../registry/storage.ts";

/** The versions of these resources, each once, the preferred one first. */
export const versionsOf = (served: readonly Storage[]): string[] => [
  ...new Set(served.map(({ resource }) => resource.version)),
];

/** What else a resource is called, where it is. */
export const namesOf = ({ resource: { shortNames, categories } }: Storage) => ({
  ...(shortNames.length > 0 ? { shortNames } : {}),
  ...(categories.length > 0 ? { categories } : {}),
});

export const subresourcesOf = (storage: Storage): [name: string, storage: Storage][] => [
  ...(storage.subresources ?? []),
];
