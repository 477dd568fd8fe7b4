/** What every order earns in points: 5 % of 14 599.50, rounded to kopecks. */
export const AWARD = 729.98;
