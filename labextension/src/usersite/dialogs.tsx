/**
 * The dialogs about what can be taken back: each shows the plan, and asks anew where things have
 * changed.
 */
import {
  type Client,
  type IForce,
  type Job,
  type Plan,
  type Problem,
  ProblemError,
  type RestoreRequest,
  type Snapshot
} from '../api';
import { askAboutPlan, forceOf } from '../components/question';
import type { IVoice } from '../text/words';

/**
 * Show the plan of a restore; start it if the person wants it. Null if it is not wanted.
 *
 * Where packages are in the way, what is offered is to set those aside first.
 */
export async function askToRestore(
  name: string,
  packages: readonly string[],
  client: Client,
  voice: IVoice
): Promise<Job | null> {
  const { trans, format } = voice;
  return askUntilDone(
    {
      title: trans.__('Restore “%1”?', name),
      button: body => (body.swap ? trans.__('Swap') : trans.__('Restore')),
      force: trans.__('Restore it all the same'),
      plan: async () => {
        const [plan, body] = await planRestore(name, packages, client);
        return [{ ...plan, summary: format.times(plan.summary) }, body];
      },
      carryOut: (body, consent) => client.usersite.restore(name, body, consent)
    },
    voice
  );
}

/**
 * Start a restore at once where nothing is in its way; else show the plan, and ask.
 */
export async function restoreNow(
  name: string,
  client: Client,
  voice: IVoice
): Promise<Job | null> {
  const [plan, body] = await planRestore(name, [], client);
  if (plan.refusal === '' && !body.swap) {
    try {
      return await client.usersite.restore(name, body, { digest: plan.digest });
    } catch (error) {
      problemToShow(error);
    }
  }
  return askToRestore(name, [], client, voice);
}

/**
 * The plan of a restore, and the request that goes with it: a swap where nothing less will do.
 */
export async function planRestore(
  name: string,
  packages: readonly string[],
  client: Client
): Promise<[Plan, RestoreRequest]> {
  const plain: RestoreRequest = { packages, swap: false };
  const plan = await client.usersite.planRestore(name, plain);
  if (plan.refusal === '') {
    return [plan, plain];
  }
  const swap: RestoreRequest = { packages, swap: true };
  const swapped = await client.usersite.planRestore(name, swap);
  return swapped.refusal === '' ? [swapped, swap] : [plan, plain];
}

/**
 * Show the plan of adopting a backup; do it if the person wants it. Null if it is not wanted.
 */
export async function askToAdopt(
  path: string,
  client: Client,
  voice: IVoice
): Promise<Snapshot | null> {
  const { trans } = voice;
  return askUntilDone(
    {
      title: trans.__('Make a snapshot of this backup?'),
      button: () => trans.__('Adopt'),
      force: trans.__('Adopt it all the same'),
      plan: async () => [await client.usersite.planAdopt(path), null],
      carryOut: (_, consent) => client.usersite.adopt(path, '', consent)
    },
    voice
  );
}

/** A change that can be taken back: in words, as a plan with its request, and done. */
interface IChange<Request, Done> {
  title: string;
  button: (request: Request) => string;
  force: string;
  plan: () => Promise<[Plan, Request]>;
  carryOut: (
    request: Request,
    consent: Pick<IForce, 'digest' | 'breakLock'>
  ) => Promise<Done>;
}

/** Show the plan and do it, anew where the world has changed; null if it is not wanted. */
async function askUntilDone<Request, Done>(
  change: IChange<Request, Done>,
  voice: IVoice
): Promise<Done | null> {
  let problem: Problem | null = null;
  for (;;) {
    const [plan, request] = await change.plan();
    const answer = await askAboutPlan({
      title: change.title,
      button: change.button(request),
      force: change.force,
      canBreakLock: true,
      plan,
      problem,
      isHarmless: true,
      voice
    });
    if (!answer.isAccepted) {
      return null;
    }
    try {
      const { digest, breakLock } = forceOf(plan, problem, answer);
      return await change.carryOut(request, { digest, breakLock });
    } catch (error) {
      problem = problemToShow(error);
    }
  }
}

/**
 * The problem to show beside a new plan; what no new plan can help is thrown.
 */
export function problemToShow(error: unknown): Problem {
  if (
    error instanceof ProblemError &&
    (error.problem.kind === 'conflict' || error.problem.kind === 'busy')
  ) {
    return error.problem;
  }
  throw error;
}
