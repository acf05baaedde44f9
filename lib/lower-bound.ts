/** The first index in `0..length` that `isBeyond` holds for, found by binary search. It must be false up to some index and true from there on. */
export function lowerBound(length: number, isBeyond: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBeyond(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
