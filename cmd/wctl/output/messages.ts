/** What kubectl puts after a message about something that was only tried. */
export const dryRunSuffix = (dryRun: string): string =>
  ({ client: " (dry run)", server: " (server dry run)" })[dryRun] ?? "";

/** `No resources found in default namespace.` */
export const nothingFound = (what: string, namespace: string | undefined): string =>
  namespace === undefined ? `No ${what} found` : `No ${what} found in ${namespace} namespace.`;
