/** What kubectl puts after a message about something that was only tried. */
export const dryRunSuffix = (dryRun: string): string =>
  ({ client: " (dry run)", server: " (server dry run)" })[dryRun] ?? "";

/** `No resources found in default namespace.`, or of none in particular. */
export const nothingFound = (namespace: string | undefined): string =>
  namespace === undefined ? "No resources found" : `No resources found in ${namespace} namespace.`;
