/**
 * The values of a diagnosis.
 *
 * Once the server's document has them, this file is one line:
 * `export type { Diagnosis, Finding } from './schema';`
 */
import type { Fix, Target } from './schema';

/** One thing that is wrong with the user site. */
export type Finding = {
  readonly code: string;
  readonly severity: Severity;
  readonly subject: string;
  readonly title: string;
  readonly detail: string;
  readonly evidence: readonly (readonly string[])[];
  readonly wins: string;
  readonly fix: Fix | null;
};

/** All findings for one interpreter, the worst first. */
export type Diagnosis = {
  readonly target: Target;
  readonly base: string;
  readonly image: string;
  readonly findings: readonly Finding[];
  readonly counts: { readonly [severity: string]: number };
  readonly package_count: number;
  readonly skipped: readonly string[];
};

export type Severity = 'proven' | 'will-fail' | 'risk' | 'note';
