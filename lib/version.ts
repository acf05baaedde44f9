/** The version of this build; `test/scripts/release-notes.test.ts` keeps it equal to package.json. */
export const wctlVersion = "0.1.0";
