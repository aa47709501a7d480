/**
 * What to type into a terminal so that an environment is the one that `python` means.
 */
import type { Environment } from '../api';

/**
 * A text as one word of a POSIX shell, whatever it contains.
 */
export function quoted(text: string): string {
  return `'${text.replace(/'/g, "'\\''")}'`;
}

/**
 * The line that activates an environment, without its newline; empty where nothing does.
 *
 * A dot in place of `source`: every POSIX shell knows it, dash does not know the other. The
 * leading space keeps the line out of most shells' histories.
 */
export function activationOf(environment: Environment): string {
  const { kind, path, interpreter } = environment;
  if (kind === 'venv') {
    // A script that can be moved finds out where it lies; where the shell cannot say so, as in dash,
    // it believes this variable.
    const script = quoted(`${path}/bin/activate`);
    return ` SCRIPT_PATH=${script}; . "$SCRIPT_PATH"; unset SCRIPT_PATH`;
  }
  if (kind === 'conda') {
    // Its user site would hide its packages, as nothing keeps conda from looking there.
    const bin = `PATH=${quoted(`${path}/bin`)}:"$PATH"`;
    return ` export ${bin} CONDA_PREFIX=${quoted(path)} PYTHONNOUSERSITE=1`;
  }
  const directory = interpreter?.replace(/\/[^/]*$/, '') ?? '';
  return directory && kind === 'interpreter'
    ? ` export PATH=${quoted(directory)}:"$PATH"`
    : '';
}
