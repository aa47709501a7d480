/**
 * What there is to choose from in a form: locations, Pythons of this machine, engines.
 */
import type { Client, EngineOffer, Interpreter, StatusReport } from '../api';

/**
 * The choices, read once.
 */
export class Available {
  constructor(private readonly _client: Client) {}

  /** The state of the server, with its locations; null while it is not known. */
  get status(): StatusReport | null {
    return this._status;
  }

  /** The Pythons that a pip environment can be based on. */
  get interpreters(): readonly Interpreter[] {
    return this._interpreters;
  }

  /** What can do the work of a manager. */
  get engines(): readonly EngineOffer[] {
    return this._engines;
  }

  /** Whether they are still being read. */
  get isPreparing(): boolean {
    return this._isPreparing;
  }

  /**
   * Read them. What cannot be read stays empty; a form without locations throws why.
   */
  async read(): Promise<void> {
    const [status, list, engines] = await Promise.allSettled([
      this._client.status(),
      this._client.interpreters(),
      this._client.content.engines()
    ]);
    this._isPreparing = false;
    if (engines.status === 'fulfilled') {
      this._engines = engines.value.engines;
    }
    if (list.status === 'fulfilled') {
      this._interpreters = list.value.interpreters;
    }
    if (status.status === 'rejected') {
      throw status.reason;
    }
    this._status = status.value;
  }

  private _status: StatusReport | null = null;
  private _interpreters: readonly Interpreter[] = [];
  private _engines: readonly EngineOffer[] = [];
  private _isPreparing = true;
}
