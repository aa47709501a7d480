/**
 * Which lines of a long list are in sight.
 */

/**
 * The place of each line, and at the end the height of all.
 */
export function offsetsOf(
  count: number,
  heightOf: (index: number) => number
): Float64Array {
  const offsets = new Float64Array(count + 1);
  for (let index = 0; index < count; index += 1) {
    offsets[index + 1] = offsets[index] + heightOf(index);
  }
  return offsets;
}

/**
 * The last line that begins at or above a height.
 */
export function lineAt(offsets: Float64Array, top: number): number {
  let low = 0;
  let high = offsets.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (offsets[middle] <= top) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return Math.max(0, low);
}

/**
 * The lines to draw: those in sight, some around them, and one more wherever it is.
 */
export function linesInSight(
  offsets: Float64Array,
  top: number,
  height: number,
  around: number,
  also: number
): readonly number[] {
  const count = offsets.length - 1;
  if (count === 0) {
    return [];
  }
  const first = Math.max(0, lineAt(offsets, top) - around);
  const last = Math.min(count - 1, lineAt(offsets, top + height) + around);
  const drawn: number[] = [];
  if (also >= 0 && also < first) {
    drawn.push(also);
  }
  for (let index = first; index <= last; index += 1) {
    drawn.push(index);
  }
  if (also > last && also < count) {
    drawn.push(also);
  }
  return drawn;
}
