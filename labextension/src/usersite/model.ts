/**
 * The user site as the image sees it, read when somebody looks at it.
 */
import { type ISignal, Signal } from '@lumino/signaling';

import {
  type Client,
  type Diagnosis,
  type Problem,
  problemOf,
  SingleFlight,
  type UserPackage,
  type UserPython,
  type UserSite
} from '../api';

/**
 * What is in `~/.local`, and what it hides.
 */
export class UserSiteModel {
  constructor(private readonly _client: Client) {}

  get site(): UserSite | null {
    return this._site;
  }

  get problem(): Problem | null {
    return this._problem;
  }

  /** Whether sizes are being measured. */
  get isMeasuring(): boolean {
    return this._isMeasuring;
  }

  /** What is wrong with it in this image; null while that is not known. */
  get diagnosis(): Diagnosis | null {
    return this._diagnosis;
  }

  /** How many snapshots there are; null while that is not known. */
  get snapshotCount(): number | null {
    return this._snapshotCount;
  }

  /** What could not be read of it, or is amiss with its directories; null while not known. */
  get warnings(): readonly string[] | null {
    return this._warnings;
  }

  /** What a crash has cut; empty if nothing. */
  get unfinished(): string {
    return this._unfinished;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Finish what a crash cut, or take it back. Throws what the server says. */
  async recover(undo: boolean, breakLock = false): Promise<void> {
    await this._client.usersite.recover(undo, breakLock);
    await this.refresh();
  }

  /**
   * Look now. Sizes that were measured stay until they are measured again.
   */
  refresh(): Promise<void> {
    return this._flight.run();
  }

  /**
   * Measure how much there is.
   */
  async measure(): Promise<void> {
    this._isMeasuring = true;
    this._changed.emit();
    await this._read(true);
    this._isMeasuring = false;
    this._changed.emit();
  }

  private async _read(size: boolean): Promise<void> {
    try {
      const site = await this._client.userSite(size);
      this._site = size ? site : withSizes(site, this._site);
      this._problem = null;
    } catch (error) {
      this._problem = problemOf(error);
    }
    this._changed.emit();
    if (this._problem === null && !size) {
      await this._readMore();
    }
  }

  /** What stands around the packages. What cannot be had is not shown; its page says why. */
  private async _readMore(): Promise<void> {
    const verbs = this._client.usersite;
    const [scan, list, diagnosis] = await Promise.allSettled([
      verbs.scan(),
      verbs.snapshots(),
      verbs.diagnosis()
    ]);
    this._unfinished = scan.status === 'fulfilled' ? scan.value.unfinished : '';
    this._warnings =
      scan.status === 'fulfilled'
        ? scan.value.problems
        : [problemOf(scan.reason).detail];
    this._snapshotCount =
      list.status === 'fulfilled' ? list.value.snapshots.length : null;
    this._diagnosis = diagnosis.status === 'fulfilled' ? diagnosis.value : null;
    this._changed.emit();
  }

  private _site: UserSite | null = null;
  private _problem: Problem | null = null;
  private _isMeasuring = false;
  private _diagnosis: Diagnosis | null = null;
  private _snapshotCount: number | null = null;
  private _unfinished = '';
  private _warnings: readonly string[] | null = null;
  private readonly _flight = new SingleFlight(() => this._read(false));
  private readonly _changed = new Signal<this, void>(this);
}

/** A site with the sizes that were measured of it before, where it still has as many packages. */
function withSizes(site: UserSite, old: UserSite | null): UserSite {
  const known = new Map(old?.pythons.map(python => [python.path, python]));
  const pythons = site.pythons.map(python => {
    const before = known.get(python.path);
    return before?.package_count === python.package_count
      ? { ...python, size: before.size }
      : python;
  });
  const isSame = pythons.every(python => python.size !== null);
  return {
    ...site,
    pythons,
    total_size: isSame ? (old?.total_size ?? null) : null
  };
}

/**
 * The packages of a Python in the order of their interest: those that hide others first.
 */
export function packagesOf(
  python: UserPython,
  query: string
): readonly UserPackage[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = python.packages.filter(({ package: item }) => {
    const text = `${item.name} ${item.version} ${item.summary}`.toLowerCase();
    return words.every(word => text.includes(word));
  });
  return [
    ...fits.filter(item => isHiding(item)),
    ...fits.filter(item => !isHiding(item))
  ];
}

/**
 * Whether a user package is loaded in the place of one of the image.
 */
export function isHiding(item: UserPackage): boolean {
  return item.hides !== '';
}
