/** A handle of this process; -1 is the pseudo handle of the process itself, 0 and INVALID_HANDLE_VALUE mean failure. */
export type Handle = number;

/** 0 is failure or no. */
export type Bool = number;

/** NULL, or a pointer to the Buffer. */
export type Memory = Buffer | null;
