import { hostname } from "node:os";

/** What a dot before the backslash stands for, as LookupAccountNameW knows it: NetBIOS names have 15 characters. */
export const computerName = (): string => (hostname().split(".", 1)[0] ?? "").slice(0, 15);
