/**
 * All that would be installed, found out on demand: it takes seconds, and is given up at any time.
 */
import { type Client, type CreateRequest, isAbort, type Plan } from '../api';

/**
 * What the solver says of a form.
 */
export class Solving {
  /**
   * @param onChange - Called whenever there is something new to show.
   */
  constructor(
    private readonly _client: Client,
    private readonly _onChange: () => void
  ) {}

  /** All that would be installed, once it was found out. */
  get solved(): Plan | null {
    return this._solved;
  }

  /** Whether it is being found out. */
  get isBusy(): boolean {
    return this._abort !== null;
  }

  /**
   * Find it out. Answers false if it was given up; throws what is wrong.
   */
  async solve(request: CreateRequest): Promise<boolean> {
    this.stop();
    const abort = new AbortController();
    this._abort = abort;
    this._onChange();
    try {
      const plan = await this._client.content.solveCreate(
        request,
        abort.signal
      );
      if (!abort.signal.aborted) {
        this._solved = plan;
      }
    } catch (error) {
      if (!abort.signal.aborted && !isAbort(error)) {
        throw error;
      }
    } finally {
      if (this._abort === abort) {
        this._abort = null;
      }
    }
    return !abort.signal.aborted;
  }

  /** Give up finding it out, or put away what was found. */
  stop(): void {
    this._solved = null;
    this._abort?.abort();
    this._abort = null;
  }

  private _solved: Plan | null = null;
  private _abort: AbortController | null = null;
}
