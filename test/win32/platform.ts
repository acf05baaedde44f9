/** `process.platform` of the Node that runs the tests. Elsewhere the suites that need Windows are not there. */
export const isWindows = process.platform === "win32";

/** Where Wine and Windows differ, Windows is right, and the test says what it sees in Wine. */
export const isWine = isWindows && process.env.WINEPREFIX !== undefined;
