// Lists that refer to earlier ones.

/**
 * The numbers of one of the page's lists: [from, to] are numbers, [from, to, list] what that list has at these indexes.
 *
 * @param {Data.Stretch[][] & { whole?: number[][] }} lists
 * @param {number} list
 */
export function expand(lists, list) {
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
