/** The range of systemd's dynamic users (systemd.exec(5), DynamicUser=): no distribution gives these numbers to people or services. */
export const FIRST = 61_184;
export const LAST = 65_519;

/** Which Process has which number, as the data directory keeps it. */
export interface Given {
  /** The number given last. */
  last: number;
  /** By owner, oldest first. */
  owners: Readonly<Record<string, number>>;
}

export type Choice = { number: number; given: Given } | "exhausted";

/**
 * The number for an owner that has none yet. Numbers go round: one is given again only when all others were, because its last owner may have left
 * files where nobody looks. Then the oldest owner of whom nothing is in use gives way. `inUse`: numbers that any user, group, process or file has.
 * Pure.
 */
export function chooseNumber({ last, owners }: Given, owner: string, inUse: (number: number) => boolean): Choice {
  const givenNumbers = new Set(Object.values(owners));
  for (let number = after(last), tries = FIRST; tries <= LAST; number = after(number), tries++) {
    if (givenNumbers.has(number) || inUse(number)) continue;
    return { number, given: { last: number, owners: { ...owners, [owner]: number } } };
  }
  const oldest = Object.entries(owners).find(([, number]) => !inUse(number));
  if (!oldest) return "exhausted";
  const [gone, number] = oldest;
  const { [gone]: _, ...others } = owners;
  return { number, given: { last: number, owners: { ...others, [owner]: number } } };
}

const after = (number: number): number => (number >= FIRST && number < LAST ? number + 1 : FIRST);

/** Throws an Error that says what is wrong: a number that is forgotten could be given to another owner. */
export function parseGiven(text: string): Given {
  const { last, owners } = JSON.parse(text) as Partial<Given>;
  const numbers = Object.values(typeof owners === "object" && owners !== null ? owners : { none: 0 });
  if (!isNumber(last) || !numbers.every(isNumber)) throw new Error(`its numbers are not all from ${FIRST} to ${LAST}`);
  if (new Set(numbers).size < numbers.length) throw new Error("a number is there twice");
  return { last, owners: { ...owners } };
}

export const isNumber = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= FIRST && (value as number) <= LAST;
