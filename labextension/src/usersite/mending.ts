/**
 * The dialogs of what mends a single finding: a kernel goes, packages are installed.
 */
import type { Client, InstallRequest, Job } from '../api';
import { askAboutPlan } from '../components/question';
import type { IVoice } from '../text/words';

/**
 * Show the plan of taking a kernel off the list; do it if the person wants it.
 */
export async function askToUnregister(
  kernel: string,
  client: Client,
  voice: IVoice
): Promise<boolean> {
  const { trans } = voice;
  const plan = await client.planUnregister(kernel);
  const answer = await askAboutPlan({
    title: trans.__('Unregister “%1”?', kernel),
    button: trans.__('Unregister'),
    force: trans.__('Unregister it all the same'),
    plan,
    problem: null,
    voice
  });
  if (answer.isAccepted) {
    const { digest } = plan;
    await client.unregister(kernel, { digest, force: answer.isForced });
  }
  return answer.isAccepted;
}

/**
 * Show what would be installed into the user site; start it if the person wants it.
 */
export async function askToInstall(
  requirements: readonly string[],
  python: string,
  client: Client,
  voice: IVoice
): Promise<Job | null> {
  const { trans } = voice;
  const body: InstallRequest = { place: 'user', requirements, python };
  const plan = await client.usersite.planInstall(body);
  const answer = await askAboutPlan({
    title: trans.__('Install into the user packages?'),
    button: trans.__('Install'),
    force: trans.__('Install it all the same'),
    plan,
    problem: null,
    isHarmless: true,
    voice
  });
  return answer.isAccepted
    ? client.usersite.install(body, { digest: plan.digest })
    : null;
}
