/**
 * What helps against a user site that breaks things: the cures, the mildest first.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Fix, Proof, ResetRequest, Scan } from '../api';

/** Two change a kernel alone and move nothing; three set packages aside. */
export type Cure = 'isolate' | 'profile' | 'packages' | 'minor' | 'all';

/**
 * What a person has chosen, as far as it matters for a cure.
 */
export interface IChoice {
  readonly kernel: string;
  readonly packages: readonly string[];
  readonly python: string;
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

/** Whether a cure moves files, into a snapshot. */
export function isMoving(cure: Cure): boolean {
  return cure !== 'isolate' && cure !== 'profile';
}

/**
 * The request that a cure which moves files stands for.
 */
export function resetOf(
  cure: Cure,
  choice: IChoice,
  options: { readonly name: string; readonly keepJupyter: boolean }
): ResetRequest {
  const rest = {
    name: options.name.trim(),
    keep_jupyter: options.keepJupyter
  };
  switch (cure) {
    case 'packages':
      return {
        scope: 'packages',
        packages: choice.packages,
        python: choice.python,
        ...rest
      };
    case 'minor':
      return { scope: 'minor', python: choice.python, ...rest };
    default:
      return { scope: 'all', ...rest };
  }
}

/**
 * The cure that a fix asks for; null where it is something that a person has to type.
 */
export function cureOf(fix: Fix): Cure | null {
  switch (fix.remedy) {
    case 'isolate-kernel':
      return 'isolate';
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
