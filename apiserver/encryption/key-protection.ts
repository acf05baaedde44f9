/** What the operating system can do for keys at rest. It is handed in; without it the mode of the file (0600) is the guard. */
export interface KeyProtection {
  /** Kept in the file, so that an error can say when another machine or system protected it. */
  readonly name: string;
  /** `context` must be the same at both ends. */
  protect(bytes: Uint8Array, context: string): Buffer;
  /** Throws when this machine did not protect them, or they were changed. */
  unprotect(bytes: Uint8Array, context: string): Buffer;
}

export const noProtection: KeyProtection = {
  name: "none",
  protect: (bytes) => Buffer.from(bytes),
  unprotect: (bytes) => Buffer.from(bytes),
};
