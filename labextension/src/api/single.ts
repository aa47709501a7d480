/**
 * Work that never runs twice at once.
 */

/**
 * Runs a piece of work; who asks while it runs gets one more run, all of them the same.
 *
 * The run that is under way may have begun before what they want to see had happened.
 */
export class SingleFlight {
  constructor(private readonly _work: () => Promise<void>) {}

  run(): Promise<void> {
    if (this._running === null) {
      this._running = this._work().finally(() => {
        this._running = null;
      });
      return this._running;
    }
    this._next ??= this._running
      .catch(() => undefined)
      .then(() => {
        this._next = null;
        return this.run();
      });
    return this._next;
  }

  private _running: Promise<void> | null = null;
  private _next: Promise<void> | null = null;
}
