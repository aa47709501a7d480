/**
 * What the keys of a tree do, as the ARIA tree pattern has it.
 */

/** What the keys need to know of a line. */
export interface IStop {
  readonly key: string;
  readonly parent: string | null;
  readonly expanded: boolean | null;
}

/** What a key asks for: another line, or this one opened or closed. */
export interface IMove {
  readonly focus?: string;
  readonly toggle?: string;
}

/**
 * The move that a key stands for; null if it is none of the tree's.
 *
 * @param page - How many lines a page has.
 * @param isRtl - Whether the text runs from right to left, which swaps the arrows.
 */
export function moveOf(
  key: string,
  lines: readonly IStop[],
  current: string | null,
  page = 10,
  isRtl = false
): IMove | null {
  if (lines.length === 0) {
    return null;
  }
  const index = lines.findIndex(line => line.key === current);
  const to = (place: number): IMove => {
    const bounded = Math.max(0, Math.min(lines.length - 1, place));
    return { focus: lines[bounded].key };
  };
  switch (key) {
    case 'ArrowDown':
      return to(index + 1);
    case 'ArrowUp':
      return to(index === -1 ? 0 : index - 1);
    case 'Home':
      return to(0);
    case 'End':
      return to(lines.length - 1);
    case 'PageDown':
      return to(index + page);
    case 'PageUp':
      return to(index - page);
    case 'ArrowRight':
    case 'ArrowLeft':
      return index === -1
        ? to(0)
        : sideways((key === 'ArrowRight') !== isRtl, lines, index);
    default:
      return null;
  }
}

function sideways(
  inwards: boolean,
  lines: readonly IStop[],
  index: number
): IMove {
  const line = lines[index];
  if (inwards) {
    if (line.expanded === false) {
      return { toggle: line.key };
    }
    const next = lines[index + 1];
    return next?.parent === line.key ? { focus: next.key } : {};
  }
  if (line.expanded === true) {
    return { toggle: line.key };
  }
  return line.parent === null ? {} : { focus: line.parent };
}

/**
 * The next line, after the current one and around the end, whose text begins with what was typed.
 */
export function typedAhead(
  typed: string,
  lines: readonly { readonly key: string; readonly text: string }[],
  current: string | null
): string | null {
  const start = lines.findIndex(line => line.key === current);
  const sought = typed.toLowerCase();
  // One letter looks for the next line; more letters may still fit the current one.
  const from = sought.length > 1 ? Math.max(0, start) : start + 1;
  for (let step = 0; step < lines.length; step += 1) {
    const line = lines[(from + step) % lines.length];
    if (line.text.toLowerCase().startsWith(sought)) {
      return line.key;
    }
  }
  return null;
}
