/**
 * What of a long list can be seen, and how high its lines are.
 */
import type React from 'react';
import { useCallback, useEffect, useMemo } from 'react';

export function bringIntoSight(
  box: HTMLElement,
  top: number,
  bottom: number
): void {
  if (top < box.scrollTop) {
    box.scrollTop = top;
  } else if (bottom > box.scrollTop + box.clientHeight) {
    box.scrollTop = Math.min(top, bottom - box.clientHeight);
  }
}

/** Follow which part of a box is in sight. */
export function useSight(
  box: React.RefObject<HTMLDivElement>,
  set: (sight: { top: number; height: number }) => void
): void {
  useEffect(() => {
    const element = box.current;
    if (!element) {
      return;
    }
    let frame = 0;
    const look = () => {
      frame = 0;
      set({ top: element.scrollTop, height: element.clientHeight || 600 });
    };
    const later = () => {
      frame = frame || requestAnimationFrame(look);
    };
    look();
    element.addEventListener('scroll', later, { passive: true });
    const observer = observe(later);
    observer?.observe(element);
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener('scroll', later);
      observer?.disconnect();
    };
  }, [box, set]);
}

/** Measure the lines whose height is their content's. */
export function useMeasure(
  set: React.Dispatch<React.SetStateAction<ReadonlyMap<string, number>>>
): (element: HTMLElement | null) => void {
  const observer = useMemo(
    () =>
      observe(entries => {
        const measured = entries.flatMap(({ target }) =>
          target instanceof HTMLElement && target.isConnected
            ? [target]
            : (observer?.unobserve(target), [])
        );
        set(known => withHeights(known, measured));
      }),
    [set]
  );
  useEffect(() => () => observer?.disconnect(), [observer]);
  return useCallback(
    (element: HTMLElement | null) => {
      if (element) {
        observer?.observe(element);
      }
    },
    [observer]
  );
}

/** The heights with those of some elements; the same map where nothing has changed. */
function withHeights(
  known: ReadonlyMap<string, number>,
  elements: readonly HTMLElement[]
): ReadonlyMap<string, number> {
  let heights: Map<string, number> | null = null;
  for (const element of elements) {
    const height = Math.ceil(element.getBoundingClientRect().height);
    const key = element.dataset.line;
    if (key !== undefined && height > 0 && known.get(key) !== height) {
      heights ??= new Map(known);
      heights.set(key, height);
    }
  }
  return heights ?? known;
}

function observe(callback: ResizeObserverCallback): ResizeObserver | null {
  return typeof ResizeObserver === 'undefined'
    ? null
    : new ResizeObserver(callback);
}
