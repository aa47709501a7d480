/**
 * The archives that jobs have packed: which of them are still there.
 */
import {
  type Client,
  type Job,
  type Problem,
  ProblemError,
  problemOf
} from '../api';

/** What is known of the archive of a job. */
export interface IPacked {
  /** Null until somebody has looked. */
  readonly isThere: boolean | null;
  /** The address at which Jupyter itself has it; null where it has none. */
  readonly address: string | null;
  /** Why it cannot be had. */
  readonly problem: Problem | null;
}

const UNKNOWN: IPacked = { isThere: null, address: null, problem: null };

/**
 * Whether a job has packed an archive.
 */
export function hasPacked(job: Job): boolean {
  return (
    job.operation === 'archives.export' &&
    job.state === 'succeeded' &&
    Boolean(job.result.path)
  );
}

/**
 * Looks for archives, each once, and again when somebody wants one.
 */
export class PackedArchives {
  /**
   * @param changed - Told when something else is known.
   */
  constructor(
    private readonly _client: Client,
    private readonly _changed: () => void
  ) {}

  /**
   * What is known of a job's archive; begins to look for it where nothing is.
   */
  of(job: Job): IPacked {
    const known = this._known.get(job.id);
    if (known === undefined) {
      this._known.set(job.id, UNKNOWN);
      void this.look(job.id).catch(() => undefined);
    }
    return known ?? UNKNOWN;
  }

  /**
   * Look now.
   *
   * @throws ProblemError - If it is not there, or is not what was packed.
   */
  async look(job: string): Promise<IPacked> {
    try {
      const address = await this._client.files.findPacked(job);
      return this._put(job, { isThere: true, address, problem: null });
    } catch (error) {
      const problem = problemOf(error);
      // Where the server does not answer, nobody knows.
      const isThere =
        error instanceof ProblemError && error.status > 0 ? false : null;
      this._put(job, { isThere, address: null, problem });
      throw error;
    }
  }

  private _put(job: string, packed: IPacked): IPacked {
    this._known.set(job, packed);
    this._changed();
    return packed;
  }

  private readonly _known = new Map<string, IPacked>();
}
