export * from './client';
export * from './problem';
export * from './single';
export type * from './schema';
