/** What went wrong on the way, thrown after the rest was done: one error as it is, several together. */
export function throwCollected(errors: readonly unknown[]): void {
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, "several things failed");
}
