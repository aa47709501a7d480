/**
 * What is chosen on the page, and the plan of it.
 */
import type { Client } from '../api';
import { planOf } from './carrying';
import type { Course } from './course';
import { type IChoice, type IOffer, labelOf, namesIn, offers } from './cures';
import type { Planning } from './planning';
import type { Proving } from './proving';
import type { Sight } from './sight';

/**
 * Knows what can be chosen, what is, and why it cannot be carried out.
 */
export class Choosing {
  constructor(
    private readonly _course: Course,
    private readonly _sight: Sight,
    private readonly _proving: Proving,
    private readonly _client: Client,
    readonly planning: Planning
  ) {}

  /** What a person calls the kernel that is chosen. */
  get kernelName(): string {
    const { kernel } = this._course.state;
    const found = this._sight.kernels.find(one => one.name === kernel);
    return (
      found?.display_name ??
      (kernel || this._course.trans.__('the image’s Python'))
    );
  }

  /** The cures, the mildest first, without the last resort. */
  get offers(): readonly IOffer[] {
    // What was chosen among stays as it was, though it is no longer there.
    return (
      this._offered ??
      offers(this.choice, this._sight.scan, this.kernelName, this._course.trans)
    );
  }

  get choice(): IChoice {
    const { kernel, packages, name, keepJupyter, scope } = this._course.state;
    return {
      kernel,
      environment: this._sight.environmentOf(kernel),
      packages: namesIn(packages),
      python: this.python,
      name: name.trim(),
      keepJupyter,
      scope
    };
  }

  /** The minor that is meant: as chosen, as proven, as diagnosed, or the first that there is. */
  get python(): string {
    const labels = this._sight.scan?.sites.map(labelOf) ?? [];
    const wishes = [
      this._course.state.python,
      this._proving.first?.proof?.target.python,
      this._sight.diagnosis?.target.python
    ];
    const found = wishes.find(
      wish => wish !== undefined && labels.includes(wish)
    );
    return found ?? labels[0] ?? '';
  }

  /** Why the cure cannot be carried out; empty if it can. */
  get whyNot(): string {
    const { cure } = this._course.state;
    if (cure === '') {
      return this._course.trans.__('Choose a cure first.');
    }
    const { packages, scope } = this.choice;
    const isNarrow =
      cure === 'packages' || (cure === 'remove' && scope === 'packages');
    if (isNarrow && packages.length === 0) {
      return this._course.trans.__('Name at least one package.');
    }
    if (this.planning.isMaking || this.planning.plan === null) {
      return this._course.trans.__('The plan is not made yet.');
    }
    return this.planning.plan.refusal;
  }

  /** Ask for the plan of what is chosen; in `pause` milliseconds another change may come. */
  plan(pause = 0): Promise<void> {
    const ask =
      this._sight.scan === null
        ? null
        : planOf(this._course.state.cure, this.choice, this._client);
    return this.planning.make(ask, pause);
  }

  /** Keep what can be chosen as it is now: what is carried out changes it. */
  freeze(): void {
    this._offered = this.offers;
  }

  /** Offer what there is. */
  thaw(): void {
    this._offered = null;
  }

  private _offered: readonly IOffer[] | null = null;
}
