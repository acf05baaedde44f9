/**
 * May one who has `mine` of `all` places that are taken take another, of `most`? Nobody takes more than half of what others have left: so those who come later find places, however
 * many came before. Pure.
 */
export const isFairShare = (mine: number, all: number, most: number): boolean => mine < (most - (all - mine)) / 2;
