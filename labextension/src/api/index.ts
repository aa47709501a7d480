export * from './client';
export type * from './diagnosis';
export * from './problem';
export * from './single';
export * from './usersite';
export type * from './schema';
