/**
 * What was asked for, as the packages that it became.
 */
import type { Environment, Package } from '../api';

/**
 * The requirements that were asked for, without the hashes of one that failed.
 */
export function requirementsOf(environment: Environment): readonly string[] {
  return environment.asked_for.map(line => line.split(' --hash=')[0]);
}

/**
 * What was asked for, as the packages that it became where they are known.
 */
export function askedFor(
  environment: Environment,
  packages: readonly Package[] | null
): readonly Package[] {
  const known = new Map((packages ?? []).map(p => [canonical(p.name), p]));
  return requirementsOf(environment).map(requirement => {
    const [, name, rest] = /^\s*([A-Za-z0-9._-]+)\s*(.*)$/.exec(
      requirement
    ) ?? ['', requirement, ''];
    return (
      known.get(canonical(name)) ?? {
        name,
        version: rest,
        summary: '',
        asked_for: true,
        installer: '',
        editable: false,
        origin: '',
        licence: '',
        home_page: '',
        path: '',
        size: null,
        problem: ''
      }
    );
  });
}

/** The normal form of a distribution's name (PEP 503). */
function canonical(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}
