/**
 * Removing an environment: planned, shown, asked for, begun.
 */
import {
  type Client,
  type Environment,
  type Problem,
  ProblemError
} from '../api';
import { askAboutPlan, forceOf, mayAskAgain } from '../components/question';
import type { JobsModel } from '../jobs/model';
import { type IVoice, nameOf } from '../text/words';

/**
 * Show the plan of removing an environment; carry it out if the person wants it.
 *
 * Asks anew where things have changed since the plan was made, and where somebody has its lock,
 * which only the job finds out.
 *
 * @param onBegin - Called when the dialog is gone and the job has begun.
 */
export async function askToRemove(
  environment: Environment,
  client: Client,
  jobs: JobsModel,
  voice: IVoice,
  onBegin: () => void
): Promise<void> {
  const { trans } = voice;
  let problem: Problem | null = null;
  for (;;) {
    const plan = await client.planRemove(environment.id);
    const answer = await askAboutPlan({
      title: trans.__('Remove “%1”?', nameOf(environment)),
      button: trans.__('Remove'),
      force: trans.__('Remove it although it is in use'),
      canBreakLock: true,
      plan,
      problem,
      voice
    });
    if (!answer.isAccepted) {
      return;
    }
    try {
      const force = forceOf(plan, problem, answer);
      const job = await client.remove(environment.id, force);
      onBegin();
      await jobs.untilEnded(job);
      return;
    } catch (error) {
      if (error instanceof ProblemError && error.problem.kind === 'cancelled') {
        return;
      }
      if (!(error instanceof ProblemError) || !mayAskAgain(error.problem)) {
        throw error;
      }
      problem = error.problem;
    }
  }
}
