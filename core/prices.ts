import { checkNumber, checkObject } from './check.js';

/**
 * What a second of generation costs, in US dollars, by the name of the model: the service's published prices, pay as
 * you go. Prices change; `createDecartClient({ modelPrices })` takes others. A model that is not listed has no known
 * price.
 */
export const modelPrices: Readonly<Record<string, number>> = Object.freeze({
  'lucy-2.5': 0.02,
  'lucy-latest': 0.02,
  'lucy-2.1': 0.02,
  'lucy-vton-3': 0.02,
  'lucy-vton-2': 0.02,
  'lucy-2.1-vton-2': 0.02,
  'lucy-restyle-2': 0.01,
  'lucy-restyle-latest': 0.01,
});

/** Returns the price of a second, in US dollars; `null` where it is not known. */
export type PriceOf = (model: string) => number | null;

/**
 * Prices of the caller's over the published ones.
 * @throws DecartError INVALID_INPUT for an invalid price
 */
export function pricesOver(own: Readonly<Record<string, number>> = {}): PriceOf {
  for (const [model, price] of Object.entries(checkObject(own, 'modelPrices')))
    checkNumber(price, `modelPrices['${model}']`, 0, 1_000_000);
  const prices = new Map(Object.entries({ ...modelPrices, ...own }));
  return (model) => prices.get(model) ?? null;
}
