// Lists that point to earlier ones.

/** The numbers of one of the page's lists, which point to earlier ones where these have the same: [from, to] are numbers,
 * [from, to, list] what that list has at these places. */
export function expanded(lists, list) {
  lists.whole ??= [];
  for (let each = lists.whole.length; each <= list; each++) {
    lists.whole.push(
      lists[each].flatMap(([from, to, of]) =>
        of === undefined
          ? Array.from({ length: to - from }, (_, step) => from + step)
          : lists.whole[of].slice(from, to),
      ),
    );
  }
  return lists.whole[list];
}
