/**
 * The text that comes of a choice about the builds of packages.
 */
import type { Recognition, TextChoice } from '../api';

/**
 * The text with the lines of a choice changed in their places.
 *
 * A text in which they cannot be found, as in a lock file, is written anew as an environment.yml.
 */
export function withChoice(
  text: string,
  found: Recognition,
  choice: TextChoice
): string {
  const lines = text.split('\n');
  for (const { before, after } of choice.lines) {
    const place = lines.findIndex(line => specOf(line) === before);
    if (place < 0) {
      return environmentYml(found, choice.packages);
    }
    if (after === '') {
      lines.splice(place, 1);
    } else {
      // As a function: a dollar sign in a spec stands for itself.
      lines[place] = lines[place].replace(before, () => after);
    }
  }
  return lines.join('\n');
}

/** What a line asks for, without the marks of a list, quotes and a comment. */
function specOf(line: string): string {
  return line
    .replace(/(^|\s)#.*$/, '')
    .replace(/^\s*(-\s+)?/, '')
    .trim()
    .replace(/^(['"])(.*)\1$/, '$2');
}

function environmentYml(
  found: Recognition,
  packages: readonly string[]
): string {
  const item = (text: string) => `  - ${JSON.stringify(text)}`;
  const lines: string[] = [];
  if (found.name !== '') {
    lines.push(`name: ${JSON.stringify(found.name)}`);
  }
  if (found.channels.length > 0) {
    lines.push('channels:', ...found.channels.map(item));
  }
  lines.push('dependencies:', ...packages.map(item));
  if (found.pip.length > 0) {
    if (!packages.includes('pip')) {
      lines.push('  - pip');
    }
    lines.push('  - pip:', ...found.pip.map(one => `  ${item(one)}`));
  }
  const variables = Object.entries(found.variables ?? {});
  if (variables.length > 0) {
    lines.push('variables:');
    for (const [name, value] of variables) {
      lines.push(`  ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
    }
  }
  return [...lines, ''].join('\n');
}
