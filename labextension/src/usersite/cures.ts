/**
 * What helps against a user site that breaks things: the cures, the mildest first.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type {
  Environment,
  Fix,
  Proof,
  RemoveRequest,
  ResetRequest,
  Scan
} from '../api';
import { nameOf } from '../text/words';

/**
 * Three change how a kernel or an environment starts, and move nothing; three set packages aside;
 * one deletes them.
 */
export type Cure =
  | 'isolate'
  | 'isolate-environment'
  | 'profile'
  | 'packages'
  | 'minor'
  | 'all'
  | 'remove';

/** How much of the user packages. */
export type Scope = ResetRequest['scope'];

/**
 * What a person has chosen, as far as it matters for a cure.
 */
export interface IChoice {
  readonly kernel: string;
  /** The environment that the kernel starts; null where it is none that can be isolated. */
  readonly environment: Environment | null;
  readonly packages: readonly string[];
  readonly python: string;
  /** Of the snapshot, or of the profile; empty for one by image and date. */
  readonly name: string;
  readonly keepJupyter: boolean;
  /** How much is deleted for good. */
  readonly scope: Scope;
}

/**
 * A cure as it is offered.
 */
export interface IOffer {
  readonly cure: Cure;
  readonly label: string;
  readonly detail: string;
  /** Why it cannot be chosen; empty if it can. */
  readonly why: string;
}

/**
 * All cures, the mildest first.
 */
export function offers(
  choice: IChoice,
  scan: Scan | null,
  kernelName: string,
  trans: TranslationBundle
): readonly IOffer[] {
  const sites = scan?.sites ?? [];
  const chosen = sites.find(site => labelOf(site) === choice.python);
  const total = sites.reduce((sum, site) => sum + site.package_count, 0);
  const noKernel =
    choice.kernel === ''
      ? trans.__('Choose a kernel above: this changes how one kernel starts.')
      : '';
  const count = choice.packages.length;
  return [
    {
      cure: 'isolate',
      label: noKernel
        ? trans.__('Have a kernel load nothing of the user packages')
        : trans.__('Have %1 load nothing of the user packages', kernelName),
      detail: trans.__('Nothing is moved; other programs see no difference.'),
      why: noKernel
    },
    ...(choice.environment ? [ofEnvironment(choice.environment, trans)] : []),
    {
      cure: 'profile',
      label: noKernel
        ? trans.__('Give a kernel user packages of its own in this image')
        : trans.__(
            'Give %1 user packages of its own in this image',
            kernelName
          ),
      detail: trans.__(
        'Nothing is moved; what you install from this kernel lies apart from ~/.local.'
      ),
      why: noKernel
    },
    {
      cure: 'packages',
      label:
        count > 0 && count < 4
          ? trans.__('Set aside only %1', choice.packages.join(', '))
          : trans.__('Set aside only some packages'),
      detail: trans.__('Moved into a snapshot, from which they can come back.'),
      why: total === 0 ? trans.__('There are no user packages.') : ''
    },
    {
      cure: 'minor',
      label: chosen
        ? trans._n(
            'Set aside the package of Python %2',
            'Set aside all packages of Python %2 (%1)',
            chosen.package_count,
            choice.python
          )
        : trans.__('Set aside all packages of one Python'),
      detail: trans.__('Other Pythons keep theirs.'),
      why: total === 0 ? trans.__('There are no user packages.') : ''
    },
    {
      cure: 'all',
      label: trans._n(
        'Set aside the Python package',
        'Set aside all Python packages (%1)',
        total
      ),
      detail: trans.__(
        'What is not Python’s in ~/.local stays: kernels, settings, other programs.'
      ),
      why: total === 0 ? trans.__('There are no user packages.') : ''
    }
  ];
}

/** What is offered for an environment that has programs of its own. */
function ofEnvironment(
  environment: Environment,
  trans: TranslationBundle
): IOffer {
  return {
    cure: 'isolate-environment',
    label: trans.__(
      'Have all of the environment %1 load nothing of them',
      nameOf(environment)
    ),
    detail: trans.__(
      'Nothing is moved; its programs in terminals and jobs see none either.'
    ),
    why: ''
  };
}

/** The last resort, which is not offered beside the others. */
export function removal(scan: Scan | null, trans: TranslationBundle): IOffer {
  const total = scan?.sites.reduce((sum, site) => sum + site.package_count, 0);
  return {
    cure: 'remove',
    label: trans.__('Delete user packages'),
    detail: trans.__('They cannot come back. Setting aside needs no room.'),
    why: total ? '' : trans.__('There are no user packages.')
  };
}

/** Whether a cure is about files, and runs as a job. */
export function isMoving(cure: Cure): boolean {
  return !['isolate', 'isolate-environment', 'profile'].includes(cure);
}

/**
 * The request that a cure which moves files stands for.
 */
export function resetOf(scope: Scope, choice: IChoice): ResetRequest {
  return { ...extentOf(scope, choice), name: choice.name };
}

/**
 * The request that deletes for good.
 *
 * @param confirm - What the person typed.
 */
export function removeOf(choice: IChoice, confirm: string): RemoveRequest {
  return { ...extentOf(choice.scope, choice), confirm };
}

function extentOf(scope: Scope, choice: IChoice) {
  const { packages, python, keepJupyter } = choice;
  const rest = { keep_jupyter: keepJupyter };
  switch (scope) {
    case 'packages':
      return { scope, packages, python, ...rest };
    case 'minor':
      return { scope, python, ...rest };
    default:
      return { scope, ...rest };
  }
}

/** How much a cure sets aside. */
export function scopeOf(cure: Cure): Scope {
  return cure === 'packages' || cure === 'minor' ? cure : 'all';
}

/**
 * The cure that a fix asks for; null where it is something that a person has to type.
 */
export function cureOf(fix: Fix): Cure | null {
  switch (fix.remedy) {
    case 'isolate-kernel':
      return 'isolate';
    case 'isolate-environment':
      return 'isolate-environment';
    case 'profile':
      return 'profile';
    case 'hide':
      return 'packages';
    case 'minor':
      return 'minor';
    case 'all':
      return 'all';
    default:
      return null;
  }
}

/**
 * The cure that a proof suggests: hide what breaks it, else the whole Python; null if none helps.
 */
export function cureAfter(proof: Proof): Cure | null {
  if (proof.verdict === 'user-site') {
    return proof.culprits.length > 0 ? 'packages' : 'minor';
  }
  return proof.fix ? cureOf(proof.fix) : null;
}

/** `3.11`, or `3.13t` for free-threaded Python. */
export function labelOf(site: {
  readonly python: string;
  readonly abi: string;
}): string {
  return site.python + site.abi;
}

/**
 * The names in a text that a person wrote: separated by commas or spaces.
 */
export function namesIn(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))];
}
