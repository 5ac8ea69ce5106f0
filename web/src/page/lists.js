// Lists that point to earlier ones.

/**
 * The numbers of one of the page's lists, which point to earlier ones where these have the same: [from, to] are numbers,
 * [from, to, list] what that list has at these places.
 *
 * @param {Data.Stretch[][] & { whole?: number[][] }} lists
 * @param {number} list
 */
export function expanded(lists, list) {
  const whole = (lists.whole ??= []);
  for (let each = whole.length; each <= list; each++) {
    whole.push(
      lists[each].flatMap(([from, to, of]) =>
        of === undefined ? Array.from({ length: to - from }, (_, step) => from + step) : whole[of].slice(from, to),
      ),
    );
  }
  return whole[list];
}
