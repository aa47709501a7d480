/**
 * The choice of an interpreter: what a request says to have it, and which one stands there first.
 */
import type { Interpreter } from '../api';

/**
 * What a request says to have an interpreter.
 */
export function pythonOf(interpreter: Interpreter): string {
  return interpreter.path ?? interpreter.version;
}

/**
 * The Python that was chosen if it is offered here, else the default; empty where there is none.
 */
export function offeredPython(
  interpreters: readonly Interpreter[],
  chosen: string
): string {
  const isOffered = interpreters.some(
    item => pythonOf(item) === chosen || item.version === chosen
  );
  if (isOffered) {
    return chosen;
  }
  const standard = interpreters.find(item => item.default) ?? interpreters[0];
  return standard ? pythonOf(standard) : '';
}
