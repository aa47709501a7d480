/**
 * The program that shows again what failed in a notebook.
 */

/** What is needed of a cell. */
export interface ISource {
  readonly model: {
    readonly type: string;
    readonly sharedModel: { getSource(): string };
  };
}

const IMPORT = /^(?:import|from)\s+[\w.]+/;

/**
 * The failing cell, with the imports of the cells above it.
 *
 * All else that those cells do is left out: it may take hours, or do something to the world.
 */
export function programOf(failed: ISource, cells: readonly ISource[]): string {
  const above = cells.slice(0, Math.max(0, cells.indexOf(failed)));
  const own = failed.model.sharedModel.getSource();
  const known = new Set(own.split('\n').map(line => line.trim()));
  const imports = above
    .filter(cell => cell.model.type === 'code')
    .flatMap(cell => importsIn(cell.model.sharedModel.getSource()))
    .filter(line => !known.has(line) && known.add(line));
  return [...imports, own].join('\n');
}

/** The imports at the top level of a program, each whole in one line. */
export function importsIn(source: string): readonly string[] {
  return source
    .split('\n')
    .map(line => line.trimEnd())
    .filter(line => IMPORT.test(line) && !/[\\(]\s*$|\($/.test(line));
}
