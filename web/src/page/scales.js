// Choices that a chart makes by its values and colours.

/**
 * The colour of text on a background: dark on light, light on dark.
 *
 * @param {string} rgb
 */
export function textColour(rgb) {
  const [red, green, blue] = (rgb.match(/[\d.]+/g) ?? []).map(Number);
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#1d1b19" : "#ffffff";
}

/**
 * Whether values need a logarithmic axis: the largest is more than thirty times the smallest.
 *
 * @param {(number | null)[]} values
 */
export function logarithmic(values) {
  const positive = values.map((value) => value ?? 0).filter((value) => value > 0);
  return positive.length > 1 && Math.max(...positive) > 30 * Math.min(...positive);
}
