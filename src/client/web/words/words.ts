import type { en } from './en.ts';

/** The shape of a language: that of the English catalogue. */
export type Words = typeof en;
