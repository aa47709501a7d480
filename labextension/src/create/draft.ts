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
  /** What does the work; empty for the one that is usual. */
  readonly engine: string;
  /** A path or version, for pip; empty until the interpreters are known. */
  readonly python: string;
  /** A version, for conda, which brings it; empty for that of the image. */
  readonly condaPython: string;
  /** One channel per line. */
  readonly channels: string;
  /** One `NAME=value` per line. */
  readonly variables: string;
  readonly requirements: string;
  readonly displayName: string;
  readonly remarks: string;
  /** One `key=value` per line or comma. */
  readonly labels: string;
  readonly indexUrl: string;
  /** One address per line. */
  readonly extraIndexUrls: string;
  readonly location: string;
  /** Whether programs of a conda environment see ~/.local. */
  readonly userSite: boolean;
  readonly kernel: boolean;
}

/** The names of the fields, as the form has them. */
export type Field = keyof IDraft;

export const EMPTY: IDraft = {
  name: '',
  manager: 'pip',
  engine: '',
  python: '',
  condaPython: '',
  channels: '',
  variables: '',
  requirements: '',
  displayName: '',
  remarks: '',
  labels: '',
  indexUrl: '',
  extraIndexUrls: '',
  location: '',
  userSite: false,
  kernel: true
};

/** The field of the form that each field of a request is typed into. */
const FIELDS: Readonly<Record<string, Field>> = {
  name: 'name',
  manager: 'manager',
  engine: 'engine',
  python: 'python',
  channels: 'channels',
  variables: 'variables',
  packages: 'requirements',
  pip: 'requirements',
  requirements: 'requirements',
  display_name: 'displayName',
  remarks: 'remarks',
  labels: 'labels',
  index_url: 'indexUrl',
  extra_index_urls: 'extraIndexUrls',
  location: 'location',
  user_site: 'userSite',
  kernel: 'kernel'
};

/**
 * The field of the form that an error is about; null if it is about none of them.
 */
export function fieldOf(name: string, manager = 'pip'): Field | null {
  const root = /^\w+/.exec(name)?.[0] ?? '';
  return root === 'python' && manager === 'conda'
    ? 'condaPython'
    : (FIELDS[root] ?? null);
}

/**
 * The request that a form stands for.
 */
export function requestOf(draft: IDraft): CreateRequest {
  const labels = parseLabels(draft.labels);
  const isConda = draft.manager === 'conda';
  return {
    name: draft.name.trim(),
    manager: draft.manager,
    engine: draft.engine,
    python: isConda ? draft.condaPython.trim() : draft.python,
    channels: isConda ? wordsOf(draft.channels) : [],
    variables: isConda ? parseVariables(draft.variables).pairs : {},
    requirements: draft.requirements,
    display_name: draft.displayName.trim(),
    remarks: draft.remarks.trim(),
    labels: labels.pairs,
    index_url: draft.indexUrl.trim(),
    extra_index_urls: wordsOf(draft.extraIndexUrls),
    location: draft.location,
    user_site: isConda && draft.userSite,
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
 * The variables in a text, one to a line, and the lines that are none.
 */
export function parseVariables(text: string): {
  readonly pairs: Record<string, string>;
  readonly wrong: readonly string[];
} {
  const pairs: Record<string, string> = {};
  const wrong: string[] = [];
  for (const line of text.split('\n')) {
    const place = line.indexOf('=');
    const name = line.slice(0, place).trim();
    if (line.trim() === '') {
      continue;
    }
    if (place < 0 || !/^[A-Za-z_]\w*$/.test(name)) {
      wrong.push(line.trim());
    } else {
      pairs[name] = line.slice(place + 1).trim();
    }
  }
  return { pairs, wrong };
}

/** The addresses or names in a text, whatever stands between them. */
function wordsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

/**
 * A form that asks for what an environment was asked for.
 */
export function draftOf(
  environment: Environment,
  request: Required<CreateRequest>
): IDraft {
  const isConda = request.manager === 'conda';
  return {
    name: environment.name,
    manager: request.manager,
    engine: request.engine,
    python: isConda ? '' : (environment.base ?? ''),
    condaPython: isConda ? request.python : '',
    channels: request.channels.join('\n'),
    variables: pairsOf(request.variables, '\n'),
    requirements: request.requirements,
    displayName: request.display_name,
    remarks: request.remarks,
    labels: pairsOf(request.labels, ', '),
    indexUrl: request.index_url,
    extraIndexUrls: request.extra_index_urls.join('\n'),
    location: request.location,
    userSite: request.user_site,
    kernel: request.kernel
  };
}

function pairsOf(pairs: Record<string, string>, between: string): string {
  return Object.entries(pairs)
    .map(([key, value]) => `${key}=${value}`)
    .join(between);
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
export const LARGEST_FILE = 4 * 1024 * 1024;

/**
 * The text of a file, or why it cannot be used.
 */
export function textOfFile(
  bytes: ArrayBuffer,
  trans: TranslationBundle
): { readonly text: string; readonly problem: string } {
  if (bytes.byteLength > LARGEST_FILE) {
    return { text: '', problem: trans.__('The file is larger than 4 MiB.') };
  }
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    return { text: decoder.decode(bytes), problem: '' };
  } catch {
    return { text: '', problem: trans.__('The file is not UTF-8 text.') };
  }
}
