/**
 * By kind: the columns that a released version printed, in its order, where the server's is another one now. What came later stands after them, so that
 * scripts which cut the third column go on working.
 */
const promised: ReadonlyMap<string, readonly string[]> = new Map([
  ["nodes", ["Name", "Status", "Age", "Version", "OS-Image", "Runtime"]],
]);

/** The places of the columns, in the order in which they are printed. */
export function printedOrder(plural: string, names: readonly string[]): number[] {
  const first = (promised.get(plural) ?? []).map((name) => names.indexOf(name)).filter((at) => at >= 0);
  return [...first, ...[...names.keys()].filter((at) => !first.includes(at))];
}
