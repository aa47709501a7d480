/**
 * Creating once more what has failed, as it was asked for.
 */
import { type Job, ProblemError } from '../api';
import { askToTakeLock } from '../components/question';
import type { IVoice } from '../text/words';

/**
 * Begin it; where somebody has its lock, ask whether that one is gone. Null if it is not wanted.
 */
export async function retryCreating(
  begin: (breakLock: boolean) => Promise<Job>,
  voice: IVoice
): Promise<Job | null> {
  const { trans } = voice;
  try {
    return await begin(false);
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.code !== 'locked') {
      throw error;
    }
    const { problem } = error;
    const isTaken = await askToTakeLock(trans.__('Retry'), problem, voice);
    return isTaken ? begin(true) : null;
  }
}
