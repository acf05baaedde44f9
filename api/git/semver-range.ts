const NUMBER = /(?:0|[1-9][0-9]{0,14}|[xX*])/.source;
const VERSION = `v?${NUMBER}(?:\\.${NUMBER}){0,2}(?:-[0-9A-Za-z.-]+)?(?:\\+[0-9A-Za-z.-]+)?`;
const COMPARATOR = `(?:>=|<=|[<>=^~])? *${VERSION}`;
const ONE = new RegExp(`^(?:${VERSION} +- +${VERSION}|${COMPARATOR}(?: +${COMPARATOR})*)$`);

/** A range of versions as npm writes it: `>=1.2.0 <2.0.0`, `1.x`, `^1.4 || 3.0.0 - 3.2`. Returns the problem, in words that follow the field's name. */
export const semverRangeProblem = (range: string): string | undefined =>
  range.split("||").every((one) => ONE.test(one.trim()))
    ? undefined
    : "must be a range of versions, as >=1.2.0 <2.0.0, ^1.4 or 1.x";
