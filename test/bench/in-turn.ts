/**
 * Each of them so many times, in turn, and every second time in the other order: what else the machine does meets all of them alike.
 * The n-th value of one belongs beside the n-th of another.
 */
export async function inTurn<W extends string, T>(
  who: readonly W[],
  rounds: number,
  act: (one: W, round: number) => Promise<T>,
): Promise<Record<W, T[]>> {
  const taken = Object.fromEntries(who.map((one) => [one, [] as T[]])) as Record<W, T[]>;
  for (let round = 0; round < rounds; round += 1) {
    for (const one of round % 2 === 0 ? who : who.toReversed()) taken[one].push(await act(one, round));
  }
  return taken;
}
