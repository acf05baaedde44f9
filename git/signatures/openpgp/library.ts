/** Large, and needed only where somebody trusts an OpenPGP key. */
export const loadOpenpgp = (): Promise<typeof import("openpgp")> => import("openpgp");
