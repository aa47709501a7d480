/**
 * A dialog that stays until it can be answered, and says why it cannot be.
 */
import { Dialog } from '@jupyterlab/apputils';

/**
 * The dialog. While there is a reason against it, no button and no key accepts.
 */
export class QuestionDialog<T> extends Dialog<T> {
  constructor(options: Partial<Dialog.IOptions<T>>) {
    super(options);
    this._accepts = (options.buttons ?? []).map(button => button.accept);
    this._usual = options.defaultButton ?? this._accepts.length - 1;
  }

  /** Why it cannot be accepted now; empty if it can be. */
  get reason(): string {
    return this._reason;
  }

  set reason(reason: string) {
    this._reason = reason;
    this._accepting().forEach(button => {
      // A disabled button has no tooltip and no focus: nobody would learn the reason.
      if (reason === '') {
        button.removeAttribute('aria-disabled');
        button.removeAttribute('title');
      } else {
        button.setAttribute('aria-disabled', 'true');
        button.title = reason;
      }
    });
  }

  override resolve(index?: number): void {
    const isAccepted = index === undefined || this._accepts[index];
    if (isAccepted && this._reason !== '') {
      this._pointOut();
    } else {
      super.resolve(index);
    }
  }

  protected override _evtKeydown(event: KeyboardEvent): void {
    const { activeElement } = document;
    const body = this.node.querySelector('.jp-Dialog-body');
    if (event.key === 'Enter' && body?.contains(activeElement)) {
      const isFile =
        activeElement instanceof HTMLInputElement &&
        activeElement.type === 'file';
      if (isFile || activeElement instanceof HTMLButtonElement) {
        // JupyterLab takes the key from all but its own buttons; 4.2 never closes after that.
        event.stopPropagation();
        return;
      }
      if (activeElement instanceof HTMLInputElement) {
        const isTick = activeElement.type === 'checkbox';
        if (this._reason !== '' || isTick || !this._accepts[this._usual]) {
          // The button that it would press may be the one that gives up.
          event.preventDefault();
          event.stopPropagation();
          if (this._reason !== '') {
            this._pointOut();
          } else {
            this._accepting()[0]?.focus();
          }
          return;
        }
      }
    }
    super._evtKeydown(event);
  }

  /** Lead to what is missing. */
  private _pointOut(): void {
    const missing = this.node.querySelector<HTMLElement>('[data-missing]');
    missing?.focus();
  }

  private _accepting(): HTMLElement[] {
    const buttons =
      this.node.querySelectorAll<HTMLElement>('.jp-Dialog-button');
    return [...buttons].filter((_, index) => this._accepts[index]);
  }

  private readonly _accepts: readonly boolean[];
  /** Which button Enter presses where none has the focus. */
  private readonly _usual: number;
  private _reason = '';
}
