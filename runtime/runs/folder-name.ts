/** Injective, and safe on every file system: uids are what the API server made (lower-case UUIDs), anything else is percent-encoded. */
export function encodeName(uid: string): string {
  if (uid === "") throw new Error("an instance without a uid has no folder");
  return uid.replace(/[^a-z0-9-]/gu, (c) =>
    [...Buffer.from(c, "utf8")].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
  );
}

export function decodeName(name: string): string {
  return Buffer.from(
    name.replace(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  ).toString("utf8");
}
