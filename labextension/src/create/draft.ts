/**
 * A form as somebody fills it in, and the request that it stands for.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { PartialJSONObject } from '@lumino/coreutils';

import type { CreateRequest, Environment } from '../api';

/**
 * The fields of the form: texts as they were typed.
 */
export interface IDraft {
  readonly name: string;
  readonly manager: 'pip' | 'conda';
  /** A path or version; empty until the interpreters are known. */
  readonly python: string;
  readonly requirements: string;
  readonly displayName: string;
  readonly remarks: string;
  /** One `key=value` per line or comma. */
  readonly labels: string;
  readonly indexUrl: string;
  /** One address per line. */
  readonly extraIndexUrls: string;
  readonly location: string;
  readonly kernel: boolean;
}

/** The names of the fields, as the form has them. */
export type Field = keyof IDraft;

export const EMPTY: IDraft = {
  name: '',
  manager: 'pip',
  python: '',
  requirements: '',
  displayName: '',
  remarks: '',
  labels: '',
  indexUrl: '',
  extraIndexUrls: '',
  location: '',
  kernel: true
};

/** The field of the form that each field of a request is typed into. */
const FIELDS: Readonly<Record<string, Field>> = {
  name: 'name',
  manager: 'manager',
  python: 'python',
  packages: 'requirements',
  requirements: 'requirements',
  display_name: 'displayName',
  remarks: 'remarks',
  labels: 'labels',
  index_url: 'indexUrl',
  extra_index_urls: 'extraIndexUrls',
  location: 'location',
  kernel: 'kernel'
};

/**
 * The field of the form that an error is about; null if it is about none of them.
 */
export function fieldOf(name: string): Field | null {
  const root = /^\w+/.exec(name)?.[0] ?? '';
  return FIELDS[root] ?? null;
}

/**
 * The request that a form stands for.
 */
export function requestOf(draft: IDraft): CreateRequest {
  const labels = parseLabels(draft.labels);
  const extra = draft.extraIndexUrls.split(/\s+/).filter(Boolean);
  return {
    name: draft.name.trim(),
    manager: draft.manager,
    python: draft.python,
    requirements: draft.requirements,
    display_name: draft.displayName.trim(),
    remarks: draft.remarks.trim(),
    labels: labels.pairs,
    index_url: draft.indexUrl.trim(),
    extra_index_urls: extra,
    location: draft.location,
    kernel: draft.kernel
  };
}

/**
 * The pairs in a text of labels, and the words in it that are none.
 */
export function parseLabels(text: string): {
  readonly pairs: Record<string, string>;
  readonly wrong: readonly string[];
} {
  const pairs: Record<string, string> = {};
  const wrong: string[] = [];
  for (const word of text.split(/[,\n]/)) {
    const trimmed = word.trim();
    if (trimmed === '') {
      continue;
    }
    const [key, ...rest] = trimmed.split('=');
    if (key.trim() === '') {
      wrong.push(trimmed);
    } else {
      pairs[key.trim()] = rest.join('=').trim();
    }
  }
  return { pairs, wrong };
}

/**
 * A form that asks for what an environment was asked for.
 */
export function draftOf(environment: Environment): IDraft {
  const labels = Object.entries(environment.labels);
  return {
    ...EMPTY,
    name: environment.name,
    manager: environment.manager ?? 'pip',
    python: environment.base ?? '',
    requirements: environment.asked_for.join('\n'),
    displayName: isMadeUp(environment) ? '' : environment.display_name,
    remarks: environment.remarks,
    labels: labels.map(([key, value]) => `${key}=${value}`).join(', '),
    location: environment.location ?? ''
  };
}

/** Whether the display name is the one that everybody gets who gives none. */
function isMadeUp(environment: Environment): boolean {
  return environment.display_name.endsWith(`(${environment.name})`);
}

/**
 * A form as it was kept over a reload; what is not understood is left out.
 */
export function restoredDraft(kept: PartialJSONObject | undefined): IDraft {
  const draft: Record<string, unknown> = { ...EMPTY };
  for (const [field, value] of Object.entries(kept ?? {})) {
    if (field in EMPTY && typeof value === typeof draft[field]) {
      draft[field] = value;
    }
  }
  return draft as unknown as IDraft;
}

/**
 * Whether somebody has written anything that would be a pity to lose.
 */
export function isWorthKeeping(draft: IDraft): boolean {
  return (Object.keys(EMPTY) as Field[]).some(
    field => field !== 'python' && draft[field] !== EMPTY[field]
  );
}

/** The largest file that is read into the form, in bytes. */
export const LARGEST_FILE = 256 * 1024;

/**
 * The text of a file, or why it cannot be used.
 */
export function textOfFile(
  bytes: ArrayBuffer,
  trans: TranslationBundle
): { readonly text: string; readonly problem: string } {
  if (bytes.byteLength > LARGEST_FILE) {
    return { text: '', problem: trans.__('The file is larger than 256 KiB.') };
  }
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    return { text: decoder.decode(bytes), problem: '' };
  } catch {
    return { text: '', problem: trans.__('The file is not UTF-8 text.') };
  }
}
