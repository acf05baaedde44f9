/** Of this build; `test/house-rules.test.ts` keeps it equal to package.json. */
export const wctlVersion = "0.1.0";
