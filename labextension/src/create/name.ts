/**
 * The rule for names, told while somebody types; the server has the last word.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

const NAME = /^[a-z0-9][a-z0-9._-]{0,61}[a-z0-9]$/;

/**
 * What is wrong with a name; empty if nothing is.
 */
export function whyNotName(name: string, trans: TranslationBundle): string {
  if (NAME.test(name)) {
    return '';
  }
  if (name === '') {
    return trans.__('A name is needed.');
  }
  if (name.length > 63) {
    return trans.__(
      'The name has %1 characters: 63 at most.',
      String(name.length)
    );
  }
  const lower = name.toLowerCase();
  if (lower !== name && NAME.test(lower)) {
    return trans.__('Capital letters cannot be used: “%1” would do.', lower);
  }
  const bad = [...new Set([...name].filter(c => !/[a-z0-9._-]/.test(c)))];
  if (bad.length > 0) {
    const shown = bad.map(c => (c === ' ' ? trans.__('space') : c)).join(' ');
    return trans.__(
      'Lower-case letters, digits, “-”, “_” and “.” only; not: %1',
      shown
    );
  }
  if (name.length < 2) {
    return trans.__('2 characters at least.');
  }
  return trans.__('It must begin and end with a letter or a digit.');
}

/**
 * A name that the rule allows, as near as possible to what was typed.
 */
export function nearestName(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 63)
    .replace(/[^a-z0-9]+$/, '');
}
