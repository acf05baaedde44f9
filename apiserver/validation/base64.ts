/** The same bytes are always the same text, whatever line ends and spare bits the base64 came with. */
export const canonicalBase64 = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([key, text]) => [key, Buffer.from(text, "base64").toString("base64")] as const),
  );
