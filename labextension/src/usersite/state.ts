/**
 * What a person has chosen and begun on the guided page, as it is kept over a reload.
 */
import type { PartialJSONObject } from '@lumino/coreutils';

import type { Cure, Scope } from './cures';

/**
 * The state. Everything else is read from the server again.
 */
export interface IGuideState {
  readonly kernel: string;
  readonly interpreter: string;
  /** Whether a program is given, a module to import, or a file that is run. */
  readonly kind: 'code' | 'module' | 'script';
  readonly code: string;
  readonly module: string;
  /** The path of the file. */
  readonly script: string;
  /** Where the program runs; empty for an empty directory. */
  readonly directory: string;
  /** The notebook in which it failed. */
  readonly notebook: string;
  /** The sentence that led here. */
  readonly hint: string;
  /** The id of the proof. */
  readonly proof: string;
  readonly isUnproven: boolean;
  readonly cure: '' | Cure;
  readonly packages: string;
  readonly python: string;
  readonly keepJupyter: boolean;
  /** How much is deleted for good. */
  readonly scope: Scope;
  readonly name: string;
  /** The id of the job that sets aside, or brings back. */
  readonly job: string;
  /** The snapshot that came of it. */
  readonly snapshot: string;
  /** The kernel that was changed. */
  readonly changed: string;
  /** The id of the environment that was changed. */
  readonly changedEnvironment: string;
  /** What was deleted for good. */
  readonly removed: string;
  /** The id of the proof after the cure. */
  readonly again: string;
  /** Where packages are installed again. */
  readonly place: 'user' | 'system' | 'environment';
  /** The id of the environment into which they are installed. */
  readonly into: string;
  /** The id of the job that installs. */
  readonly installs: string;
}

export const BEGINNING: IGuideState = {
  kernel: '',
  interpreter: '',
  kind: 'code',
  code: '',
  module: '',
  script: '',
  directory: '',
  notebook: '',
  hint: '',
  proof: '',
  isUnproven: false,
  cure: '',
  packages: '',
  python: '',
  keepJupyter: false,
  scope: 'minor',
  name: '',
  job: '',
  snapshot: '',
  changed: '',
  changedEnvironment: '',
  removed: '',
  again: '',
  place: 'user',
  into: '',
  installs: ''
};

const KINDS = ['code', 'module', 'script'];
const PLACES = ['user', 'system', 'environment'];
const CURES = [
  '',
  'isolate',
  'isolate-environment',
  'profile',
  'packages',
  'minor',
  'all',
  'remove'
];
const SCOPES = ['packages', 'minor', 'all'];

/**
 * A state as it was kept, or as somebody who opens the page gives it; what is not understood is
 * left out.
 */
export function stateOf(kept: PartialJSONObject | undefined): IGuideState {
  const state: Record<string, unknown> = { ...BEGINNING };
  for (const [field, value] of Object.entries(kept ?? {})) {
    if (field in BEGINNING && typeof value === typeof state[field]) {
      state[field] = value;
    }
  }
  if (!CURES.includes(state.cure as string)) {
    state.cure = '';
  }
  if (!PLACES.includes(state.place as string)) {
    state.place = 'user';
  }
  if (!SCOPES.includes(state.scope as string)) {
    state.scope = 'minor';
  }
  if (!KINDS.includes(state.kind as string)) {
    state.kind = 'code';
  }
  return state as unknown as IGuideState;
}

/**
 * What of a state differs from the beginning: no more is worth keeping.
 */
export function keptOf(state: IGuideState): PartialJSONObject {
  const fields = Object.entries(state) as [keyof IGuideState, string][];
  return Object.fromEntries(
    fields.filter(([field, value]) => value !== BEGINNING[field])
  );
}
