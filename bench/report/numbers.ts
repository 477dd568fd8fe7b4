/** To three digits, as far as a benchmark can be believed: 0.523, 4.17, 15 300. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) < 10) return withoutZeros(value.toPrecision(3));
  if (Math.abs(value) < 100) return withoutZeros(value.toFixed(1));
  const magnitude = 10 ** Math.max(0, Math.floor(Math.log10(Math.abs(value))) - 2);
  return String(Math.round(value / magnitude) * magnitude).replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}

function withoutZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
