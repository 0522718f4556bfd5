import type { Settings } from '../../../settings/index.ts';

/** How much anybody may ask: the section `limits` of the settings says what each means. */
export type LimitSettings = Settings['limits'];
export type SenderLimits = LimitSettings['session'];
export type AddressLimits = LimitSettings['address'];

/** A count that grows with the distinct accounts signed in behind an address, and a rate that does. */
export type GrowingCount = AddressLimits['connections'];
export type GrowingRate = AddressLimits['requests'];
