/**
 * Changing the packages of an environment: planned, shown, confirmed, begun.
 */
import type { Client, Environment, ChangeRequest, Job, Plan } from '../api';
import { planAndBegin } from '../environments/planned';
import { type IVoice, nameOf } from '../text/words';

/** Stands for all packages where names are given. */
export const ALL = '*';

/**
 * Show what a change would do, and begin it if it is wanted.
 */
export async function changePackages(
  environment: Environment,
  request: ChangeRequest,
  client: Client,
  voice: IVoice
): Promise<Job | null> {
  const { trans } = voice;
  const { id } = environment;
  const isRemoval = (request.uninstall ?? []).length > 0;
  return planAndBegin({
    title: isRemoval
      ? trans.__('Uninstall from “%1”?', nameOf(environment))
      : trans.__('Change the packages of “%1”?', nameOf(environment)),
    button: isRemoval ? trans.__('Uninstall') : trans.__('Change'),
    isHarmless: !isRemoval,
    plan: signal => client.content.planChange(id, request, signal),
    consent: plan => {
      const more = moreThanAsked(plan, request);
      return more.length === 0
        ? ''
        : trans.__('Change these too: %1', more.join(', '));
    },
    begin: plan => client.content.change(id, request, plan.digest),
    voice
  });
}

/**
 * The packages that would be replaced or removed although nobody has named them.
 *
 * Who updates all has named all that is replaced, and nothing that is removed.
 */
export function moreThanAsked(
  plan: Plan,
  request: ChangeRequest
): readonly string[] {
  const { install = [], uninstall = [], update = [] } = request;
  const asked = new Set([...install, ...uninstall, ...update].map(packageOf));
  const isAll = update.includes(ALL);
  return plan.steps
    .filter(step => ['replace', 'remove'].includes(step.action))
    .filter(step => !(isAll && step.action === 'replace'))
    .map(step => step.target)
    .filter(name => !asked.has(packageOf(name)));
}

/** The name in a requirement or a conda spec, in its normal form. */
export function packageOf(text: string): string {
  const name = /^(?:\S+::)?\s*([A-Za-z0-9._-]+)/.exec(text.trim())?.[1] ?? '';
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}
